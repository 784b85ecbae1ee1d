#include "github/credentials/app_door.h"

#include <fmt/format.h>

#include <utility>

#include "github/answer.h"

namespace ghstats::github {

bool blames_the_clock(const http::Response& response) {
  if (response.status != 401) return false;
  const std::string message = message_of(response);
  return message.starts_with("'Expiration time' claim ('exp')") || message.starts_with("'Issued at' claim ('iat')");
}

AppDoor::AppDoor(Transport& transport, std::string issuer, AppKey key, async::RetryEnvironment retry)
    : transport_(&transport), issuer_(std::move(issuer)), key_(std::move(key)), retry_(std::move(retry)) {}

async::Task<Result<http::Response>> AppDoor::send(AppCall call) {
  int attempts = 0;
  const std::function<async::Task<Result<http::Response>>()> once = [&] {
    ++attempts;
    return attempt(call);
  };
  auto response = co_await async::retry<http::Response>(retry_, async::Idempotency::kIdempotent, once);
  if (!response && attempts > 1 && response.error().code != ErrorCode::kCancelled) {
    response.error().message += fmt::format(" after {} attempts", attempts);
  }
  co_return response;
}

async::Task<Result<http::Response>> AppDoor::attempt(const AppCall& call) {
  constexpr int kMaxRedirects = 5;
  std::string url = transport_->url_of(call.path);
  for (int hop = 0;; ++hop) {
    auto response = co_await send_signed(call, url);
    if (!response) co_return response;
    if (response->status >= 500) co_return fail(error_of(*response, classify(*response, transport_->clock().now())));
    // An organisation that was renamed.
    if (call.method != http::Method::kGet || !is_redirect(*response) || hop == kMaxRedirects) co_return response;
    auto target = transport_->redirect_target(*response);
    if (!target) co_return fail(target.error());
    url = *std::move(target);
  }
}

async::Task<Result<http::Response>> AppDoor::send_signed(const AppCall& call, const std::string& url) {
  const Clock& clock = transport_->clock();
  for (bool corrected = false;; corrected = true) {
    auto jwt = make_app_jwt(key_, issuer_, clock.now() + skew_);
    if (!jwt) co_return fail(jwt.error());
    Exchange exchange{call.method, call.endpoint, url};
    Identity identity{*std::move(jwt), call.installation_id, true};
    auto response = co_await transport_->send(std::move(exchange), std::move(identity));
    if (!response || corrected || !blames_the_clock(*response)) co_return response;
    const auto date = date_of(*response);
    if (!date) co_return response;
    skew_ = *date - clock.now();
  }
}

}  // namespace ghstats::github
