#include "github/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "github/refusal_fsm.h"

namespace ghstats::github {
namespace {

bool accepted(const Call& call, int status) {
  return std::ranges::find(call.accepted_statuses, status) != call.accepted_statuses.end();
}

}  // namespace

// Of one get(), over all its attempts.
struct Api::Progress {
  int attempts = 0;
  RefusalFsm refusals;
  std::optional<Duration> wait_at_least;  // what the last answer asked for
  std::optional<Error> limited;           // the last answer was a 429: its error
};

Api::Api(Transport& transport, TokenSource& tokens, async::RetryEnvironment retry, log::Logger logger)
    : transport_(&transport), tokens_(&tokens), retry_(std::move(retry)), logger_(std::move(logger)) {}

async::Task<Result<http::Response>> Api::get(Call call) {
  Progress progress;
  async::RetryEnvironment environment = retry_;
  environment.sleep = [&](std::chrono::nanoseconds backoff) {
    return retry_.sleep(std::max<std::chrono::nanoseconds>(backoff, progress.wait_at_least.value_or(Duration{0})));
  };
  const std::function<async::Task<Result<Verdict>>()> once = [&] { return attempt(call, progress); };
  auto verdict = co_await async::retry<Verdict>(environment, async::Idempotency::kIdempotent, once);
  if (verdict && verdict->response) {
    warn_about_partial_results(call, *verdict->response);
    co_return std::move(verdict->response);
  }
  if (verdict) co_return fail(verdict->response.error().with_context(call.what));
  Error error = verdict.error().code != ErrorCode::kCancelled && progress.limited ? *progress.limited : verdict.error();
  if (progress.attempts > 1 && error.code != ErrorCode::kCancelled) {
    error.message += fmt::format(" after {} attempts", progress.attempts);
  }
  co_return fail(error.with_context(call.what));
}

// Errors are for the retry loop to judge.
async::Task<Result<Api::Verdict>> Api::attempt(const Call& call, Progress& progress) {
  ++progress.attempts;
  progress.wait_at_least.reset();
  progress.limited.reset();
  auto verdict = co_await follow_redirects(call, progress);
  if (!verdict || !verdict->response) co_return verdict;
  const http::Response& response = *verdict->response;
  const Answer answer = classify(response, date_of(response).value_or(clock().now()));
  if (answer.kind == AnswerKind::kOk || accepted(call, response.status)) co_return verdict;
  Error error = error_of(response, answer);
  if (error.code == ErrorCode::kRateLimited && response.status == 429 &&
      answer.wait.value_or(Duration{0}) <= retry_.policy.max_backoff) {
    progress.wait_at_least = answer.wait;
    progress.limited = error;
    error.code = ErrorCode::kUnavailable;  // worth another attempt
  }
  if (async::is_transient(error)) co_return fail(std::move(error));
  co_return Verdict{fail(std::move(error))};
}

async::Task<Result<Api::Verdict>> Api::follow_redirects(const Call& call, Progress& progress) {
  constexpr int kMaxRedirects = 5;
  std::string url = call.path.starts_with('/') ? transport_->url_of(call.path) : call.path;
  for (int hop = 0;; ++hop) {
    auto verdict = co_await send_authorised(call, url, progress);
    if (!verdict || !verdict->response) co_return verdict;
    const http::Response& response = *verdict->response;
    if (accepted(call, response.status) || !is_redirect(response)) co_return verdict;
    auto target = hop < kMaxRedirects
                      ? transport_->redirect_target(response)
                      : fail(ErrorCode::kInvalidData, fmt::format("more than {} redirects", kMaxRedirects));
    if (!target) co_return Verdict{fail(target.error())};
    logger_.debug("GitHub redirects", {{"org", org()}, {"endpoint", call.endpoint}, {"status", response.status}});
    url = *std::move(target);
  }
}

async::Task<Result<Api::Verdict>> Api::send_authorised(const Call& call, const std::string& url, Progress& progress) {
  std::string refused;  // the token that GitHub did not take
  for (;;) {
    const auto token = co_await tokens_->token();
    // Getting a token has had its own attempts.
    if (!token) co_return Verdict{fail(token.error())};
    if (token->value == refused) co_return Verdict{fail(ErrorCode::kUnauthenticated, "HTTP 401: the token is refused")};

    Exchange exchange{http::Method::kGet, call.endpoint, url};
    Identity identity{token->value, tokens_->installation_id(), false};
    auto response = co_await transport_->send(std::move(exchange), std::move(identity));
    if (!response && async::is_transient(response.error())) co_return fail(response.error());
    if (!response || response->status != 401) co_return Verdict{std::move(response)};

    switch (progress.refusals.on_refused(clock().now() - token->created_at)) {
      case RefusalFsm::Step::kRepeatAfterWait: {
        const auto slept = co_await retry_.sleep(RefusalFsm::kWait);
        if (!slept) co_return Verdict{fail(slept.error())};
        break;
      }
      case RefusalFsm::Step::kFreshToken:
        refused = token->value;
        tokens_->rejected(*token);
        break;
      case RefusalFsm::Step::kGiveUp:
        tokens_->rejected(*token);
        co_return Verdict{std::move(response)};
    }
  }
}

// A token without SAML authorisation for every organisation gets a shorter list and a 200 (github-api.md 1.5).
void Api::warn_about_partial_results(const Call& call, const http::Response& response) {
  const auto sso = response.headers.get("x-github-sso");
  if (!sso || !sso->starts_with("partial-results") || warned_about_partial_results_) return;
  warned_about_partial_results_ = true;
  logger_.warn("the token is not authorised for SAML single sign-on: GitHub leaves out results",
               {{"org", org()}, {"endpoint", call.endpoint}});
}

}  // namespace ghstats::github
