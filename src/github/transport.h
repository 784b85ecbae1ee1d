// One HTTP exchange with the API host of an organisation: base URL, required headers, bound credentials, observation.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/task.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/remote_clock.h"
#include "base/settled_clock.h"
#include "github/answer.h"
#include "github/attempt.h"
#include "http/client.h"

namespace ghstats::github {

struct TransportOptions {
  std::string base_url = "https://api.github.com";  // GHES: https://HOST/api/v3; a trailing slash is ignored
  std::string org;                                  // as configured
  std::string version;                              // of this program, for the User-Agent
  Duration request_timeout{20'000};                 // one exchange; > 0
  Observer observer;                                // may be empty
  // The API host's clock, shared by all who ask it; null: this transport's own.
  std::shared_ptr<RemoteClock> host_clock = {};
};

// What authorises an exchange. `bearer` is a secret.
struct Identity {
  std::string bearer;
  std::string installation_id;
  bool as_app = false;
};

struct Exchange {
  http::Method method = http::Method::kGet;
  std::string endpoint;               // for the observer
  std::string url;                    // absolute, of the API's origin
  std::string if_none_match = {};     // an ETag; empty: unconditional
  std::optional<Duration> timeout{};  // > 0; absent: TransportOptions::request_timeout
  std::string json = {};              // the body of a POST; empty: none
  // What an answer means where its status and headers do not say it; may add headers that the body holds.
  std::function<AnswerKind(http::Response&)> interpret = classify;
};

// All calls on one thread. The client, the clock and this object must outlive its exchanges.
class Transport {
 public:
  static constexpr std::string_view kAccept = "application/vnd.github+json";
  // Decoded. A hundred comments of the longest kind come to 26 MB.
  static constexpr std::size_t kMaxBodyBytes = 32UL << 20U;

  // kInvalidArgument when base_url is not an absolute http or https URL.
  static Result<Transport> make(http::Client& client, const Clock& clock, TransportOptions options);

  // Sends once, follows and repeats nothing, and tells what the answer means. Any status is a success; errors are those
  // of http::Client::send. A URL of another origin is refused with kInvalidData before anything is sent. The bearer
  // does not appear in an error, nor in an answer that is not a success or answers a body, whatever the other side
  // wrote.
  async::Task<Result<Answer>> send(Exchange exchange, Identity identity) const;

  // Where a redirect leads. kInvalidData when it leaves the API's origin.
  [[nodiscard]] Result<std::string> redirect_target(const http::Response& response) const;

  // `path` starts with a slash: "/orgs/acme/repos?per_page=100".
  [[nodiscard]] std::string url_of(std::string_view path) const { return options_.base_url + std::string(path); }
  // https://api.github.com/graphql; of GHES https://HOST/api/graphql, although REST is at https://HOST/api/v3.
  [[nodiscard]] std::string graphql_url() const;
  [[nodiscard]] const http::Origin& origin() const { return origin_; }
  [[nodiscard]] const std::string& org() const { return options_.org; }
  [[nodiscard]] const Clock& clock() const { return *clock_; }
  // Past by our clock and by the host's, which is learned from every answer of it (ADR 0011).
  [[nodiscard]] const SettledClock& settled_clock() const { return *settled_clock_; }
  // No instant of GitHub's clock that lies further ahead is true.
  [[nodiscard]] TimePoint latest_credible() const { return settled_clock_->now() + kSkewTolerance; }
  // GitHub's clock when it served this: the Date header, but not later than latest_credible(); our settled clock
  // without one.
  [[nodiscard]] TimePoint served_at(const http::Response& response) const;

 private:
  Transport(http::Client& client, const Clock& clock, TransportOptions options, http::Origin origin);
  void learn_clock(const http::Response& response, SteadyPoint asked) const;

  http::Client* client_;
  const Clock* clock_;
  TransportOptions options_;
  http::Origin origin_;
  std::unique_ptr<SettledClock> settled_clock_;  // of clock_ and options_.host_clock
};

}  // namespace ghstats::github
