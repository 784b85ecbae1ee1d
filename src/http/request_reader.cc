#include "http/request_reader.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <limits>
#include <optional>
#include <utility>

namespace ghstats::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

namespace {

using Parser = bhttp::request_parser<bhttp::string_body>;
using Fields = bhttp::request_header<bhttp::fields>;

constexpr auto kUse = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadSize = 4096;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

ReadOutcome outcome_of(const beast::error_code& ec) {
  if (ec == bhttp::error::header_limit || ec == bhttp::error::buffer_overflow) return RejectedRequest{431};
  if (ec == bhttp::error::body_limit) return RejectedRequest{413};
  if (ec == bhttp::error::end_of_stream || ec == bhttp::error::partial_message) return ConnectionEnded{};
  const bool malformed = ec.category() == bhttp::make_error_code(bhttp::error::bad_method).category();
  if (malformed) return RejectedRequest{400};
  return ConnectionEnded{};
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

// RFC 9112 3.2: origin-form, absolute-form (which servers must take too), and "*" for OPTIONS.
bool set_target(ServerRequest& request, std::string_view target) {
  request.target = target;
  if (target.starts_with("http://") || target.starts_with("https://")) {
    const auto slash = target.find_first_of("/?", target.find("//") + 2);
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  const auto question = target.find('?');
  const auto path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  if (!path.starts_with('/') && path != "*" && !path.empty()) return false;
  auto decoded = percent_decode(path.empty() ? "/" : path);
  if (!decoded) return false;
  request.path = std::move(*decoded);
  return true;
}

// RFC 9112 3.2: exactly one Host in HTTP/1.1.
bool host_is_valid(const Fields& fields) {
  const auto count = fields.count(bhttp::field::host);
  return count == 1 || (count == 0 && fields.version() < 11);
}

ReadOutcome to_outcome(Parser& parser) {
  const bool keep_alive = parser.keep_alive();
  auto message = parser.release();
  IncomingRequest incoming;
  incoming.keep_alive = keep_alive;
  incoming.request.method = message.method_string();
  std::ranges::transform(incoming.request.method, incoming.request.method.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  const auto target = message.target();
  if (!set_target(incoming.request, {target.data(), target.size()})) return RejectedRequest{400};
  for (const auto& field : message) {
    incoming.request.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  incoming.request.body = std::move(message.body());
  return incoming;
}

}  // namespace

RequestReader::RequestReader(beast::tcp_stream& stream, beast::flat_buffer& buffer, const ServerOptions& options)
    : stream_(stream), buffer_(buffer), options_(options) {
  constexpr std::size_t kReadAhead = 64UL << 10U;
  buffer_.max_size(options.max_header_bytes + kReadAhead);
}

async::Task<bool> RequestReader::wait_for_first_byte() {
  if (buffer_.size() > 0) co_return true;  // pipelined
  idle_ = true;
  stream_.expires_after(options_.idle_timeout);
  const auto [ec, bytes] = co_await stream_.async_read_some(buffer_.prepare(kReadSize), kUse);
  idle_ = false;
  if (!ec) buffer_.commit(bytes);
  co_return !ec;
}

async::Task<ReadOutcome> RequestReader::read() {
  const bool stop = co_await async::cancelled();
  if (stop) co_return ConnectionEnded{};
  const bool begun = co_await wait_for_first_byte();
  if (!begun) co_return ConnectionEnded{};

  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(
      std::min<std::size_t>(options_.max_header_bytes, std::numeric_limits<std::uint32_t>::max())));
  parser.body_limit(options_.max_body_bytes);
  stream_.expires_after(options_.idle_timeout);
  const auto [head_ec, head_bytes] = co_await bhttp::async_read_header(stream_, buffer_, parser, kUse);
  if (head_ec) co_return outcome_of(head_ec);
  if (!host_is_valid(parser.get())) co_return RejectedRequest{400};

  const auto expect = parser.get()[bhttp::field::expect];
  if (!expect.empty() && parser.get().version() >= 11) {
    if (!beast::iequals(expect, "100-continue")) co_return RejectedRequest{417};
    if (!parser.is_done() && buffer_.size() == 0) {
      const auto [ec, bytes] = co_await asio::async_write(stream_, asio::buffer(kContinue), kUse);
      if (ec) co_return ConnectionEnded{};
    }
  }
  if (!parser.is_done()) {
    const auto [ec, bytes] = co_await bhttp::async_read(stream_, buffer_, parser, kUse);
    if (ec) co_return outcome_of(ec);
  }
  co_return to_outcome(parser);
}

}  // namespace ghstats::http
