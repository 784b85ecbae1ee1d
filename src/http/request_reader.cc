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

#include "http/request_head.h"

namespace ghstats::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

namespace {

using Parser = bhttp::request_parser<bhttp::string_body>;

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

// Of the head alone: a field behind the last chunk must not pass for one of it (RFC 9110 6.5.1).
ReadOutcome read_fields(const RequestFields& fields, bool keep_alive) {
  IncomingRequest incoming;
  incoming.keep_alive = keep_alive;
  incoming.request.method = fields.method_string();
  const auto target = fields.target();
  if (!set_target(incoming.request, {target.data(), target.size()})) return RejectedRequest{400};
  for (const auto& field : fields) {
    incoming.request.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  return incoming;
}

// `head` in one piece, which has passed check_lines().
beast::error_code parse_head(Parser& parser, asio::const_buffer head) {
  parser.header_limit(std::numeric_limits<std::uint32_t>::max());  // limited before
  beast::error_code ec;
  while (!parser.is_header_done() && !ec) {
    head += parser.put(head, ec);
  }
  return ec;
}

}  // namespace

RequestReader::RequestReader(beast::tcp_stream& stream, beast::flat_buffer& buffer, const ServerOptions& options)
    : stream_(stream), buffer_(buffer), options_(options) {
  constexpr std::size_t kReadAhead = 64UL << 10U;
  buffer_.max_size(options.max_header_bytes + kReadAhead);
}

async::Task<bool> RequestReader::read_some() {
  const auto [ec, bytes] = co_await stream_.async_read_some(buffer_.prepare(kReadSize), kUse);
  if (!ec) buffer_.commit(bytes);
  co_return !ec;
}

async::Task<std::variant<std::size_t, RejectedRequest, ConnectionEnded>> RequestReader::read_head() {
  constexpr std::string_view kLineEnd = "\r\n";
  constexpr std::string_view kHeadEnd = "\r\n\r\n";
  const auto head_timeout = std::min(options_.head_timeout, options_.idle_timeout);
  const auto received = [this] {
    const auto data = buffer_.data();
    return std::string_view(static_cast<const char*>(data.data()), data.size());
  };
  idle_ = buffer_.size() == 0;  // else pipelined
  stream_.expires_after(idle_ && !first_ ? options_.idle_timeout : head_timeout);
  bool begun = !idle_ || first_;
  first_ = false;
  std::size_t searched = 0;
  for (;;) {
    // RFC 9112 2.2: empty lines before a request are skipped.
    while (searched == 0 && received().starts_with(kLineEnd)) buffer_.consume(kLineEnd.size());
    const Refusal refused = received() == "\r" ? std::nullopt : check_beginning(received());
    if (refused) co_return RejectedRequest{*refused};
    const auto end = received().find(kHeadEnd, searched);
    const bool whole = end != std::string_view::npos;
    if ((whole ? end : buffer_.size()) > options_.max_header_bytes) co_return RejectedRequest{431};
    if (whole) co_return end + kHeadEnd.size();
    searched = buffer_.size() - std::min(buffer_.size(), kHeadEnd.size() - 1);
    const bool more = co_await read_some();
    idle_ = false;
    if (!more) co_return ConnectionEnded{};
    if (!std::exchange(begun, true)) stream_.expires_after(head_timeout);
  }
}

async::Task<ReadOutcome> RequestReader::read() {
  const bool stop = co_await async::cancelled();
  if (stop) co_return ConnectionEnded{};
  const auto found = co_await read_head();
  if (const auto* rejected = std::get_if<RejectedRequest>(&found)) co_return *rejected;
  if (std::holds_alternative<ConnectionEnded>(found)) co_return ConnectionEnded{};

  Parser parser;
  parser.body_limit(options_.max_body_bytes);
  const asio::const_buffer head = asio::buffer(buffer_.data(), std::get<std::size_t>(found));
  if (const Refusal refused = check_lines({static_cast<const char*>(head.data()), head.size()})) {
    co_return RejectedRequest{*refused};
  }
  if (const auto ec = parse_head(parser, head)) co_return outcome_of(ec);
  if (const Refusal refused = check_fields(parser.get())) co_return RejectedRequest{*refused};
  buffer_.consume(head.size());
  auto outcome = read_fields(parser.get(), parser.keep_alive());
  auto* incoming = std::get_if<IncomingRequest>(&outcome);
  if (incoming == nullptr) co_return outcome;

  stream_.expires_after(options_.idle_timeout);
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
  incoming->request.body = std::move(parser.get().body());
  co_return outcome;
}

}  // namespace ghstats::http
