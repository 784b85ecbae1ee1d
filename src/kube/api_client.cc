#include "kube/api_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "http/redirect.h"
#include "kube/answer.h"

namespace ghstats::kube {
namespace {

constexpr int kUnauthorized = 401;

std::string_view name_of(http::Method method) {
  switch (method) {
    case http::Method::kGet:
      return "GET";
    case http::Method::kHead:
      return "HEAD";
    case http::Method::kPost:
      return "POST";
    case http::Method::kPut:
      return "PUT";
  }
  return "?";
}

Result<http::Request> request_of(const ApiCall& call, const std::string& api_server, const std::string& token) {
  auto origin = http::origin_of(api_server);
  if (!origin) return fail(origin.error());
  http::Request request;
  request.method = call.method;
  request.url = api_server + call.path;
  request.headers.add("Accept", "application/json");
  if (!call.json.empty()) request.headers.add("Content-Type", "application/json");
  request.credentials = http::BoundHeaders{*std::move(origin), {{"Authorization", "Bearer " + token}}};
  request.body = call.json;
  request.max_body_bytes = ApiClient::kMaxAnswerBytes;
  return request;
}

}  // namespace

ApiClient::ApiClient(std::unique_ptr<http::Client> client, std::string api_server, TokenFile token,
                     std::shared_ptr<const Clock> clock)
    : client_(std::move(client)),
      api_server_(std::move(api_server)),
      token_(std::move(token)),
      clock_(std::move(clock)) {}

// In pieces, because that is how http::Client keeps a connection for one request at a time: what hangs takes no other
// request with it.
async::Task<Result<http::Response>> ApiClient::ask(const ApiCall& call, const std::string& token,
                                                   SteadyPoint deadline) {
  auto request = request_of(call, api_server_, token);
  if (!request) co_return fail(request.error());
  const auto left = std::chrono::floor<Duration>(deadline - clock_->steady_now());
  request->timeout = std::max(left, Duration{1});
  auto answer = co_await client_->open(*std::move(request));
  if (!answer) co_return fail(answer.error());
  http::Response response{answer->status, std::move(answer->headers), {}, std::move(answer->url)};
  for (;;) {
    auto piece = co_await answer->body->next();
    if (!piece) co_return fail(piece.error());
    if (!*piece) co_return response;
    response.body += **piece;
  }
}

Error ApiClient::refused(const http::Response& response) const {
  Error error = error_of(response);
  const Status& reading = token_.last_reading();
  if (response.status == kUnauthorized && !reading) {
    error.message += fmt::format(" (the last token that could be read; {})", reading.error().message);
  }
  return error;
}

async::Task<Result<std::string>> ApiClient::call(ApiCall call) {
  const SteadyPoint deadline = clock_->steady_now() + call.timeout;
  const std::string context = fmt::format("{} {}", name_of(call.method), http::printable_url(api_server_ + call.path));
  auto token = token_.token(clock_->steady_now());
  for (bool again = false;; again = true) {
    if (!token) co_return fail(token.error());
    auto response = co_await ask(call, *token, deadline);
    if (!response) co_return fail(response.error());
    if (is_success(*response)) co_return std::move(response->body);
    if (response->status == kUnauthorized) {
      token_.rejected(*token);
      auto fresh = token_.token(clock_->steady_now());
      if (!again && fresh && *fresh != *token) {
        token = std::move(fresh);
        continue;
      }
    }
    co_return fail(refused(*response).with_context(context));
  }
}

Result<std::unique_ptr<ApiClient>> make_api_client(boost::asio::any_io_executor executor, const InCluster& cluster,
                                                   std::string user_agent, std::shared_ptr<const Clock> clock) {
  http::ClientOptions options;
  options.user_agent = std::move(user_agent);
  options.ca_file = cluster.ca_file;
  options.direct = true;
  auto client = http::make_curl_client(std::move(executor), std::move(options));
  if (!client) return fail(client.error());
  return std::make_unique<ApiClient>(*std::move(client), cluster.api_server, TokenFile(cluster.token_file),
                                     std::move(clock));
}

}  // namespace ghstats::kube
