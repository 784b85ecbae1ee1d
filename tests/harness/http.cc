#include "harness/http.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
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

http::Response raw(const std::string& method, const std::string& url, const http::Headers& headers,
                   const std::string& body) {
  namespace beast = boost::beast;
  using boost::asio::ip::tcp;
  const auto origin = http::origin_of(url);
  if (!origin) throw std::runtime_error(origin.error().message);
  const std::size_t path = url.find('/', url.find("://") + 3);
  beast::http::request<beast::http::string_body> request;
  request.method_string(method);
  request.target(path == std::string::npos ? "/" : url.substr(path));
  request.set("Host", origin->host + ":" + std::to_string(origin->port));
  for (const auto& field : headers.fields()) request.insert(field.name, field.value);
  request.body() = body;
  request.prepare_payload();

  boost::asio::io_context io;
  tcp::socket socket(io);
  boost::asio::connect(socket, tcp::resolver(io).resolve(origin->host, std::to_string(origin->port)));
  beast::http::write(socket, request);
  beast::flat_buffer buffer;
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(boost::none);
  parser.skip(method == "HEAD");
  beast::http::read(socket, buffer, parser);
  http::Response response;
  response.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get())
    response.headers.add(std::string(field.name_string()), std::string(field.value()));
  response.body = std::move(parser.get().body());
  response.url = url;
  return response;
}

std::uint16_t free_port() {
  using boost::asio::ip::tcp;
  boost::asio::io_context io;
  return tcp::acceptor(io, {boost::asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
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
