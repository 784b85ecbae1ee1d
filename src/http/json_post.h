// Sending a JSON document, again if need be.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "async/retry.h"
#include "http/client.h"

namespace ghstats::http {

struct JsonPost {
  std::string url;
  std::string json;
  Headers headers;  // beside Content-Type
  std::optional<BoundHeaders> credentials;
  Duration timeout{20'000};  // of each attempt
  std::size_t max_body_bytes = 64UL << 20U;
};

// POSTs until there is an answer below 500, as often as `retry` says; once only when doing it twice is not the same
// (async::retry). Redirects are answers, and so is 429, whose wait is the caller's to decide. A status of 500 and above
// is kUnavailable and named; the other errors are those of Client::send. `client` must outlive the task.
async::Task<Result<Response>> post_json(Client& client, async::RetryEnvironment retry, async::Idempotency idempotency,
                                        JsonPost post);

}  // namespace ghstats::http
