#include "github/credentials/app_door.h"

#include <fmt/format.h>

#include <utility>

namespace ghstats::github {

bool blames_the_clock(const http::Response& response) {
  if (response.status != 401) return false;
  const std::string message = message_of(response);
  return message.starts_with("'Expiration time' claim ('exp')") || message.starts_with("'Issued at' claim ('iat')");
}

AppDoor::AppDoor(Transport& transport, std::string issuer, AppKey key, async::RetryEnvironment retry)
    : transport_(&transport), issuer_(std::move(issuer)), key_(std::move(key)), retry_(std::move(retry)) {}

async::Task<Result<Answer>> AppDoor::send(AppCall call) {
  int attempts = 0;
  const std::function<async::Task<Result<Answer>>()> once = [&] {
    ++attempts;
    return attempt(call);
  };
  auto answer = co_await async::retry<Answer>(retry_, async::Idempotency::kIdempotent, once);
  if (!answer && attempts > 1 && answer.error().code != ErrorCode::kCancelled) {
    answer.error().message += fmt::format(" after {} attempts", attempts);
  }
  co_return answer;
}

async::Task<Result<Answer>> AppDoor::attempt(const AppCall& call) {
  constexpr int kMaxRedirects = 5;
  std::string url = transport_->url_of(call.path);
  for (int hop = 0;; ++hop) {
    auto answer = co_await send_signed(call, url);
    if (!answer) co_return answer;
    if (answer->kind == AnswerKind::kServerError) co_return fail(error_of(*answer));
    // An organisation that was renamed.
    if (call.method != http::Method::kGet || answer->kind != AnswerKind::kRedirect || hop == kMaxRedirects) {
      co_return answer;
    }
    auto target = transport_->redirect_target(answer->response);
    if (!target) co_return fail(target.error());
    url = *std::move(target);
  }
}

async::Task<Result<Answer>> AppDoor::send_signed(const AppCall& call, const std::string& url) {
  const Clock& clock = transport_->clock();
  for (bool corrected = false;; corrected = true) {
    auto jwt = make_app_jwt(key_, issuer_, clock.now() + skew_);
    if (!jwt) co_return fail(jwt.error());
    Exchange exchange{call.method, call.endpoint, url};
    Identity identity{*std::move(jwt), call.installation_id, true};
    auto answer = co_await transport_->send(std::move(exchange), std::move(identity));
    if (!answer || corrected || !blames_the_clock(answer->response)) co_return answer;
    const auto date = date_of(answer->response);
    if (!date) co_return answer;
    skew_ = *date - clock.now();
  }
}

}  // namespace ghstats::github
