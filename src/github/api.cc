#include "github/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ghstats::github {
namespace {

bool accepted(const Call& call, int status) {
  return std::ranges::find(call.accepted_statuses, status) != call.accepted_statuses.end();
}

}  // namespace

// Of one get(), over all its attempts.
struct Api::Progress {
  std::string url;  // of the first hop: the name under which answers are kept
  Courier::Progress sent{};
};

Api::Api(Transport& transport, TokenSource& tokens, RateGate& gate, ConditionalCache& cache,
         async::RetryEnvironment retry, log::Logger logger)
    : transport_(&transport),
      tokens_(&tokens),
      gate_(&gate),
      cache_(&cache),
      courier_(transport.clock(), transport.org(), tokens, gate, std::move(retry)),
      logger_(std::move(logger)) {}

async::Task<Result<http::Response>> Api::get(Call call) {
  const bool stop = co_await async::cancelled();
  if (stop) co_return fail(Error{ErrorCode::kCancelled, "cancelled"}.with_context(call.what));
  Progress progress{url_of(call)};
  if (auto known = remembered(call, progress)) {
    co_await async::yield();  // a whole organisation may be refused: nothing else would suspend its sweep
    co_return *std::move(known);
  }
  auto answer = co_await courier_.repeat(call.what, progress.sent, [&] { return attempt(call, progress); });
  if (!answer) co_return fail(std::move(answer).error());
  http::Response response = std::move(answer->response);
  if (response.status < 300) final_answers_.forget(progress.url);
  warn_about_partial_results(call, response);
  co_return response;
}

async::Task<Result<std::optional<Answer>>> Api::probe(Call call) {
  auto permit = co_await gate_->try_enter(RateLimitResource::kCore, 0);
  if (!permit) co_return std::optional<Answer>();
  const auto token = co_await tokens_->token();
  if (!token) co_return fail(token.error().with_context(call.what));
  Progress progress{url_of(call)};
  auto answer = co_await send(call, progress.url, *token, *std::move(permit), progress);
  if (!answer) co_return fail(answer.error().with_context(call.what));
  co_return *std::move(answer);
}

// Errors are for the retry loop to judge.
async::Task<Result<Api::Verdict>> Api::attempt(const Call& call, Progress& progress) {
  auto verdict = co_await follow_redirects(call, progress);
  if (!verdict || !verdict->answer) co_return verdict;
  const Answer& answer = *verdict->answer;
  if (answer.kind == AnswerKind::kOk) co_return verdict;
  note_refusal(call, progress, answer);
  if (accepted(call, answer.response.status)) co_return verdict;
  Error error = error_of(answer);
  if (async::is_transient(error)) co_return fail(std::move(error));
  co_return Verdict{fail(std::move(error))};
}

async::Task<Result<Api::Verdict>> Api::follow_redirects(const Call& call, Progress& progress) {
  constexpr int kMaxRedirects = 5;
  std::string url = progress.url;
  for (int hop = 0;; ++hop) {
    auto verdict = co_await send_authorised(call, url, progress);
    if (!verdict || !verdict->answer) co_return verdict;
    const http::Response& response = verdict->answer->response;
    if (accepted(call, response.status) || verdict->answer->kind != AnswerKind::kRedirect) co_return verdict;
    auto target = hop < kMaxRedirects
                      ? transport_->redirect_target(response)
                      : fail(ErrorCode::kInvalidData, fmt::format("more than {} redirects", kMaxRedirects));
    if (!target) co_return Verdict{fail(target.error())};
    logger_.debug("GitHub redirects", {{"org", org()}, {"endpoint", call.endpoint}, {"status", response.status}});
    url = *std::move(target);
  }
}

async::Task<Result<Api::Verdict>> Api::send_authorised(const Call& call, const std::string& url, Progress& progress) {
  const Courier::Send send_once = [&](const Token& token, RateGate::Permit permit) {
    return send(call, url, token, std::move(permit), progress);
  };
  co_return co_await courier_.send_authorised({RateLimitResource::kCore, 1}, send_once, progress.sent);
}

// One exchange. A 304 to our condition comes back as the 200 it confirms.
async::Task<Result<Answer>> Api::send(const Call& call, std::string url, const Token& token, RateGate::Permit permit,
                                      Progress& progress) {
  // By the URL that was asked for: a redirect leads to the same list, and its ETag does not depend on the URL.
  const Question question{progress.url, Transport::kAccept, token.value};
  const auto kept = call.conditional ? cache_->find(question, clock().steady_now()) : nullptr;
  std::string condition = kept ? ConditionalCache::condition(*kept, question) : std::string();
  Exchange exchange{http::Method::kGet, call.endpoint, std::move(url), condition, call.timeout};
  Identity identity{token.value, tokens_->installation_id(), false};
  auto answer = co_await transport_->send(std::move(exchange), std::move(identity));
  if (!answer) co_return answer;
  permit.answered(*answer);
  http::Response& response = answer->response;
  if (response.status == 304 && kept) {
    auto confirmed = cache_->confirmed(question, *kept, std::move(condition), std::move(response));
    if (!confirmed) co_return fail(ErrorCode::kInternal, "a kept answer is damaged");
    co_return Answer{*std::move(confirmed), AnswerKind::kOk};
  }
  if (response.status == 200 && call.conditional) cache_->keep(question, response, clock().steady_now());
  co_return answer;
}

void Api::forget(const Call& call) {
  cache_->forget(url_of(call), Transport::kAccept);
}

void Api::remember(const Call& call, const Error& error) {
  final_answers_.remember(url_of(call), AnswerKind::kUnexpected, {0, error, ""}, clock().steady_now());
}

std::string Api::url_of(const Call& call) const {
  return call.path.starts_with('/') ? transport_->url_of(call.path) : call.path;
}

std::optional<Result<http::Response>> Api::remembered(const Call& call, const Progress& progress) {
  const FinalAnswers::Final* known = final_answers_.find(progress.url, clock().steady_now());
  if (known == nullptr) return std::nullopt;
  if (!accepted(call, known->status)) return Result<http::Response>(fail(known->error.with_context(call.what)));
  http::Response response;
  response.status = known->status;
  response.url = progress.url;
  if (!known->date.empty()) response.headers.add("Date", known->date);
  return Result<http::Response>(std::move(response));
}

void Api::note_refusal(const Call& call, const Progress& progress, const Answer& answer) {
  if (!FinalAnswers::is_final(answer)) return;
  const http::Response& response = answer.response;
  const SteadyPoint now = clock().steady_now();
  Error error = error_of(answer);
  if (call.tell_refusal && answer.kind == AnswerKind::kForbidden && !accepted(call, response.status)) {
    const std::string reason = refusal_reason(response);
    if (final_answers_.is_news(call.endpoint, reason, now)) {
      logger_.warn("GitHub refuses an endpoint", {{"org", org()},
                                                  {"endpoint", call.endpoint},
                                                  {"reason", reason},
                                                  {"error", error.with_context(call.what).message}});
    }
  }
  if (!call.remember_refusal) return;
  std::string date(response.headers.get("date").value_or(""));
  final_answers_.remember(progress.url, answer.kind, {response.status, std::move(error), std::move(date)}, now);
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
