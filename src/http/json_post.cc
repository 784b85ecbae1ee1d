#include "http/json_post.h"

#include <fmt/format.h>

#include <functional>
#include <utility>

#include "http/redirect.h"

namespace ghstats::http {
namespace {

Request request_of(JsonPost post) {
  Request request;
  request.method = Method::kPost;
  request.url = std::move(post.url);
  request.headers = std::move(post.headers);
  request.headers.add("Content-Type", "application/json");
  request.credentials = std::move(post.credentials);
  request.body = std::move(post.json);
  request.timeout = post.timeout;
  request.max_body_bytes = post.max_body_bytes;
  return request;
}

async::Task<Result<Response>> send_once(Client& client, const Request& request) {
  constexpr int kServerErrors = 500;
  auto response = co_await client.send(request);
  if (!response || response->status < kServerErrors) co_return response;
  co_return fail(ErrorCode::kUnavailable,
                 fmt::format("POST {}: HTTP {}", printable_url(request.url), response->status));
}

}  // namespace

async::Task<Result<Response>> post_json(Client& client, async::RetryEnvironment retry, async::Idempotency idempotency,
                                        JsonPost post) {
  const Request request = request_of(std::move(post));
  const std::function<async::Task<Result<Response>>()> once = [&] { return send_once(client, request); };
  co_return co_await async::retry<Response>(std::move(retry), idempotency, once);
}

}  // namespace ghstats::http
