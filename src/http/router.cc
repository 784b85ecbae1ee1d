#include "http/router.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace ghstats::http {

ServerResponse text_response(int status, std::string content_type, std::string body) {
  ServerResponse response;
  response.status = status;
  response.headers.add("Content-Type", std::move(content_type));
  response.body.push_back(std::make_shared<const std::string>(std::move(body)));
  return response;
}

void Router::add(std::string method, std::string path, Handler handler) {
  paths_[std::move(path)][std::move(method)] = std::move(handler);
}

async::Task<ServerResponse> Router::dispatch(ServerRequest request) const {
  const auto path = paths_.find(request.path);
  if (path == paths_.end()) {
    if (fallback_) co_return co_await fallback_(std::move(request));
    co_return text_response(404, "text/plain; charset=utf-8", "not found\n");
  }
  const auto& methods = path->second;
  auto method = methods.find(request.method);
  // The server leaves the body out of the answer to a HEAD, but counts it in Content-Length.
  if (method == methods.end() && request.method == "HEAD") method = methods.find("GET");
  if (method != methods.end()) co_return co_await method->second(std::move(request));

  std::vector<std::string> allowed;
  for (const auto& [name, handler] : methods) {
    allowed.push_back(name);
    if (name == "GET" && !methods.contains("HEAD")) allowed.emplace_back("HEAD");
  }
  auto response = text_response(405, "text/plain; charset=utf-8", "method not allowed\n");
  response.headers.add("Allow", fmt::format("{}", fmt::join(allowed, ", ")));
  co_return response;
}

}  // namespace ghstats::http
