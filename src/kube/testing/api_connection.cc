#include "kube/testing/api_connection.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

namespace ghstats::kube::testing {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
constexpr auto kUse = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kMaxBodyBytes = 3UL << 20U;  // of a real one

}  // namespace

ApiConnection::ApiConnection(asio::ip::tcp::socket socket, asio::ssl::context& context)
    : stream_(std::move(socket), context), port_(stream_.next_layer().local_endpoint().port()) {}

async::Task<bool> ApiConnection::shake_hands() {
  const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kUse);
  co_return !error;
}

async::Task<std::optional<http::ServerRequest>> ApiConnection::read() {
  const bool stop = co_await async::cancelled();
  if (stop) co_return std::nullopt;
  beast::http::request_parser<beast::http::string_body> parser;
  parser.body_limit(kMaxBodyBytes);
  const auto [error, bytes] = co_await beast::http::async_read(stream_, buffer_, parser, kUse);
  if (error) co_return std::nullopt;
  auto message = parser.release();
  http::ServerRequest out;
  out.method = message.method_string();
  out.target = message.target();
  const std::size_t question = out.target.find('?');
  out.path = out.target.substr(0, question);
  if (question != std::string::npos) out.query = out.target.substr(question + 1);
  for (const auto& field : message) out.headers.add(std::string(field.name_string()), std::string(field.value()));
  out.body = std::move(message.body());
  co_return out;
}

async::Task<bool> ApiConnection::write(std::string bytes) {
  const bool stop = co_await async::cancelled();
  if (stop) co_return false;
  if (bytes.empty()) co_return true;
  const auto [error, written] = co_await asio::async_write(stream_, asio::buffer(bytes), kUse);
  co_return !error;
}

void ApiConnection::close(bool reset) {
  boost::system::error_code ignored;
  auto& socket = stream_.next_layer();
  if (reset) socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

std::string message_of(const http::Response& response) {
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", response.status,
                                std::string_view(beast::http::obsolete_reason(
                                    beast::http::int_to_status(static_cast<unsigned>(response.status)))));
  for (const http::Header& field : response.headers.fields()) out += fmt::format("{}: {}\r\n", field.name, field.value);
  out += fmt::format("Content-Length: {}\r\n\r\n", response.body.size());
  return out + response.body;
}

}  // namespace ghstats::kube::testing
