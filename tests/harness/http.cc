#include "harness/http.h"

#include <boost/asio/io_context.hpp>
#include <stdexcept>

#include "async/testing/run.h"

namespace ghstats::harness {
namespace {

http::Response exchange(http::Request request) {
  boost::asio::io_context io;
  http::ClientOptions options;
  options.user_agent = "ghstats-tests";
  options.direct = true;
  const auto client = http::make_curl_client(io.get_executor(), std::move(options));
  if (!client) throw std::runtime_error(client.error().message);
  auto response = async::testing::run(io, (*client)->send(std::move(request)), std::chrono::seconds{60});
  if (!response) throw std::runtime_error(response.error().message);
  return *std::move(response);
}

}  // namespace

http::Response get(const std::string& url, http::Headers headers) {
  http::Request request;
  request.url = url;
  request.headers = std::move(headers);
  request.max_body_bytes = 1UL << 30U;
  return exchange(std::move(request));
}

http::Response post(const std::string& url, std::string body) {
  http::Request request;
  request.method = http::Method::kPost;
  request.url = url;
  request.body = std::move(body);
  return exchange(std::move(request));
}

std::map<std::string, double> parse_page(std::string_view page) {
  std::map<std::string, double> out;
  while (!page.empty()) {
    const std::size_t end = page.find('\n');
    if (end == std::string_view::npos) throw std::runtime_error("the page's last line has no end");
    const std::string_view line = page.substr(0, end);
    page.remove_prefix(end + 1);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t blank = line.rfind(' ');
    if (blank == std::string_view::npos) throw std::runtime_error("no value in: " + std::string(line));
    const std::string text(line.substr(blank + 1));
    if (!out.emplace(line.substr(0, blank), std::stod(text)).second) {
      throw std::runtime_error("a series stands twice on the page: " + std::string(line));
    }
  }
  return out;
}

}  // namespace ghstats::harness
