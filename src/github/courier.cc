#include "github/courier.h"

#include <fmt/format.h>

#include <utility>

namespace ghstats::github {
namespace {

bool is_limit(AnswerKind kind) {
  return kind == AnswerKind::kPrimaryLimit || kind == AnswerKind::kSecondaryLimit;
}

}  // namespace

Courier::Courier(const Clock& clock, std::string org, TokenSource& tokens, RateGate& gate,
                 async::RetryEnvironment retry)
    : clock_(&clock), org_(std::move(org)), tokens_(&tokens), gate_(&gate), retry_(std::move(retry)) {}

async::Task<Result<Answer>> Courier::repeat(const std::string& what, Progress& progress, Round round) {
  const Round counted = [&] {
    ++progress.attempts;
    return round();
  };
  auto verdict = co_await async::retry<Verdict>(retry_, async::Idempotency::kIdempotent, counted);
  if (verdict && verdict->answer) co_return std::move(verdict->answer);
  if (verdict) co_return fail(verdict->answer.error().with_context(what));
  Error error = verdict.error();
  if (progress.attempts > 1 && error.code != ErrorCode::kCancelled) {
    error.message += fmt::format(" after {} attempts", progress.attempts);
  }
  co_return fail(error.with_context(what));
}

async::Task<Result<Courier::Verdict>> Courier::send_authorised(Toll toll, const Send& send, Progress& progress) {
  std::string refused;  // the token that GitHub did not take
  for (;;) {
    // Before the token: while a limit forbids requests none is minted either.
    auto permit = co_await gate_->enter(org_, toll.resource, toll.points);
    if (!permit) co_return Verdict{fail(permit.error())};
    const auto token = co_await tokens_->token();
    if (!token && token.error().code == ErrorCode::kRateLimited && gate_->limit() && wait_again(progress)) {
      continue;
    }
    // Getting a token has had its own attempts.
    if (!token) co_return Verdict{fail(token.error())};
    if (token->value == refused) co_return Verdict{fail(ErrorCode::kUnauthenticated, "HTTP 401: the token is refused")};

    auto answer = co_await send(*token, *std::move(permit));
    if (!answer && async::is_transient(answer.error())) co_return fail(answer.error());
    if (!answer) co_return Verdict{std::move(answer)};
    if (is_limit(answer->kind)) {
      if (wait_again(progress)) continue;
      Error error = error_of(*answer);
      error.message += fmt::format(" after {} refusals", progress.limited);
      co_return Verdict{fail(gate_->explained(std::move(error), toll.resource))};
    }
    if (answer->response.status != 401) co_return Verdict{std::move(answer)};

    switch (progress.refusals.on_refused(clock_->now() - token->created_at)) {
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
        co_return Verdict{std::move(answer)};
    }
  }
}

// After a refusal by a limit.
bool Courier::wait_again(Progress& progress) const {
  return ++progress.limited < retry_.policy.max_attempts;
}

}  // namespace ghstats::github
