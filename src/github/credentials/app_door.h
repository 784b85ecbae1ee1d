// GitHub as the App itself sees it: requests signed with its key, and the clock difference they need.
#pragma once

#include <string>

#include "async/retry.h"
#include "async/task.h"
#include "github/answer.h"
#include "github/credentials/app_jwt.h"
#include "github/transport.h"

namespace ghstats::github {

// True for the three refusals that mean "your clock is wrong" (github-api.md 1.1).
bool blames_the_clock(const http::Response& response);

struct AppCall {
  http::Method method = http::Method::kGet;
  std::string endpoint;
  std::string path;
  std::string installation_id;  // for the observer, when known
};

// All calls on one thread; `transport` must outlive it, and it must outlive its calls.
class AppDoor {
 public:
  AppDoor(Transport& transport, std::string issuer, AppKey key, async::RetryEnvironment retry);

  // Repeats network errors and 5xx; POST too, because a second token does no harm. Redirects of GET are followed inside
  // the origin. When GitHub blames the clock, its Date header corrects the next JWTs and the request is repeated once.
  // The answer is returned whatever its status, but for 5xx (kUnavailable).
  async::Task<Result<Answer>> send(AppCall call);

 private:
  async::Task<Result<Answer>> attempt(const AppCall& call);
  async::Task<Result<Answer>> send_signed(const AppCall& call, const std::string& url);

  Transport* transport_;
  std::string issuer_;
  AppKey key_;
  async::RetryEnvironment retry_;
  TimePoint::duration skew_{0};  // GitHub's clock minus ours
};

}  // namespace ghstats::github
