// The authorised door to GitHub's REST API of one organisation. The endpoints are in rest/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/retry.h"
#include "async/task.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/error.h"
#include "github/answer.h"
#include "github/conditional/conditional_cache.h"
#include "github/courier.h"
#include "github/credentials/token_source.h"
#include "github/final_answers.h"
#include "github/limits/rate_gate.h"
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
  bool conditional = true;             // false where the same URL is not asked for again: nothing is kept for it
  bool remember_refusal = true;        // false: a final refusal is none for the next time
  bool tell_refusal = true;            // false: no warning of it, because who asks tells people himself
  std::optional<Duration> timeout{};   // of one exchange; absent: TransportOptions::request_timeout
};

// All calls on one thread. What it is constructed with must outlive it, and it must outlive its calls.
class Api {
 public:
  // `gate` and `cache` are shared: by the organisations of one credential, and by all.
  Api(Transport& transport, TokenSource& tokens, RateGate& gate, ConditionalCache& cache, async::RetryEnvironment retry,
      log::Logger logger);

  // The organisation as configured.
  [[nodiscard]] const std::string& org() const { return transport_->org(); }
  [[nodiscard]] const Clock& clock() const { return transport_->clock(); }
  // What has passed by our clock and by GitHub's; neither alone is believed (ADR 0011).
  [[nodiscard]] TimePoint now() const { return transport_->settled_clock().now(); }
  // No instant of GitHub's clock that lies further ahead is true.
  [[nodiscard]] TimePoint latest_credible() const { return transport_->latest_credible(); }
  // GitHub's clock when it served this (Transport::served_at).
  [[nodiscard]] TimePoint served_at(const http::Response& response) const { return transport_->served_at(response); }
  [[nodiscard]] const Transport& transport() const { return *transport_; }

  // Every exchange passes the gate first, then gets its token: while a limit forbids requests nothing is sent, and the
  // call waits, an hour if need be. A refusal by a limit is waited for and repeated, retry.max_attempts refusals at
  // most. Repeats network errors and 5xx; follows 301, 302, 307 and 308 inside the origin; after a 401 tries once more
  // with another token. Asks conditionally where the last answer is kept: a 304 is returned as the 200 it confirms,
  // with the Date of now. A final refusal (FinalAnswers) is remembered for an hour and returned without a request; so
  // is one that was accepted, with its Date and without its body. Every error message begins with call.what. Errors:
  //   kUnavailable, kTimeout   network or 5xx, after the last attempt
  //   kRateLimited             refused by a limit again and again; the message says until when
  //   kUnauthenticated         401 for a fresh token too, or no token to be had
  //   kPermissionDenied        403 (the message names the permission GitHub asks for), 451
  //   kNotFound                404, 410
  //   kConflict                409
  //   kTooLarge                body over Transport::kMaxBodyBytes
  //   kInvalidData             any other status; a redirect to another host
  //   kCancelled               at once
  async::Task<Result<http::Response>> get(Call call);

  // The answer to `call` made no sense: it is not kept, so that the next get() is answered anew and not by a 304.
  void forget(const Call& call);

  // What `call` leads to is of no use, and will be none for a while: for an hour get() returns `error` without a
  // request, as after a final refusal.
  void remember(const Call& call, const Error& error);

  // Sends once: no retry, no redirect, no refusal remembered, no waiting at the gate. Conditional as get() is. Any
  // status is a success. Absent: not sent, because of a limit. Errors: those of the transport and of the token.
  async::Task<Result<std::optional<Answer>>> probe(Call call);

 private:
  struct Progress;
  using Verdict = Courier::Verdict;
  async::Task<Result<Verdict>> attempt(const Call& call, Progress& progress);
  async::Task<Result<Verdict>> follow_redirects(const Call& call, Progress& progress);
  async::Task<Result<Verdict>> send_authorised(const Call& call, const std::string& url, Progress& progress);
  async::Task<Result<Answer>> send(const Call& call, std::string url, const Token& token, RateGate::Permit permit,
                                   Progress& progress);
  [[nodiscard]] std::string url_of(const Call& call) const;
  std::optional<Result<http::Response>> remembered(const Call& call, const Progress& progress);
  void note_refusal(const Call& call, const Progress& progress, const Answer& answer);
  void warn_about_partial_results(const Call& call, const http::Response& response);

  Transport* transport_;
  TokenSource* tokens_;
  RateGate* gate_;
  ConditionalCache* cache_;
  Courier courier_;
  log::Logger logger_;
  FinalAnswers final_answers_;
  bool warned_about_partial_results_ = false;
};

}  // namespace ghstats::github
