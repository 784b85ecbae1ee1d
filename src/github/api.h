// The authorised door to GitHub's REST API of one organisation. The endpoints are in rest/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/retry.h"
#include "async/task.h"
#include "base/clock.h"
#include "base/error.h"
#include "github/answer.h"
#include "github/token_source.h"
#include "github/transport.h"
#include "http/client.h"
#include "log/log.h"

namespace ghstats::github {

// One GET, repeated as often as needed.
struct Call {
  std::string endpoint;                // for the observer: "list_commits"
  std::string what;                    // for people, the context of every error: "list commits of acme/api"
  std::string path;                    // "/repos/acme/api/commits?per_page=100", or an absolute URL of the API's origin
  std::vector<int> accepted_statuses;  // returned as they are, besides 2xx
};

// All calls on one thread. What it is constructed with must outlive it, and it must outlive its calls.
class Api {
 public:
  Api(Transport& transport, TokenSource& tokens, async::RetryEnvironment retry, log::Logger logger);

  // The organisation as configured.
  [[nodiscard]] const std::string& org() const { return transport_->org(); }
  [[nodiscard]] const Clock& clock() const { return transport_->clock(); }
  [[nodiscard]] const Transport& transport() const { return *transport_; }

  // Repeats network errors, 5xx and a 429 whose wait is bearable; follows 301, 302, 307 and 308 inside the origin;
  // after a 401 tries once more with another token. Every error message begins with call.what. Errors:
  //   kUnavailable, kTimeout   network or 5xx, after the last attempt
  //   kRateLimited             403 or 429 by github-api.md 2.2; the message says until when
  //   kUnauthenticated         401 for a fresh token too, or no token to be had
  //   kPermissionDenied        403 (the message names the permission GitHub asks for), 451
  //   kNotFound                404, 410
  //   kConflict                409
  //   kTooLarge                body over 64 MiB
  //   kInvalidData             any other status; a redirect to another host
  //   kCancelled               at once
  async::Task<Result<http::Response>> get(Call call);

 private:
  struct Progress;
  // What repeating does not change: an answer, or an error.
  struct Verdict {
    Result<http::Response> response;
  };
  async::Task<Result<Verdict>> attempt(const Call& call, Progress& progress);
  async::Task<Result<Verdict>> follow_redirects(const Call& call, Progress& progress);
  async::Task<Result<Verdict>> send_authorised(const Call& call, const std::string& url, Progress& progress);
  void warn_about_partial_results(const Call& call, const http::Response& response);

  Transport* transport_;
  TokenSource* tokens_;
  async::RetryEnvironment retry_;
  log::Logger logger_;
  bool warned_about_partial_results_ = false;
};

}  // namespace ghstats::github
