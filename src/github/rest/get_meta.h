// GET /meta (github-api.md 3.12), as a probe: is GitHub there?
#pragma once

#include <optional>

#include "async/task.h"
#include "github/api.h"

namespace ghstats::github {

enum class Reachability {
  kReachable,    // it answered, with whatever status below 500
  kUnreachable,  // a network error, a timeout, a 5xx; also when these kept us from getting a token
  kNotAsked,     // a limit forbids requests now, or there is no token to ask with: says nothing about GitHub
};

struct Probe {
  Reachability reachability = Reachability::kNotAsked;
  std::optional<Error> why;  // of what is not kReachable
};

// Authenticated, sent at most once and without waiting for limits. Conditional, for a probe every half a minute would
// cost 120 paid requests an hour; no proxy's 304 hides an outage, because what GitHub answers is `private` and not for
// its cache (RFC 9111 5.2.2.7). A mint that it needs has its own attempts. Error: kCancelled.
async::Task<Result<Probe>> get_meta(Api& api);

}  // namespace ghstats::github
