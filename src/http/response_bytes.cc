#include "http/response_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <iterator>
#include <utility>

#include "base/time_format.h"

namespace ghstats::http {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kBuffersPerWrite = 64;          // what Asio hands to one sendmsg
constexpr std::size_t kBytesPerWrite = 256UL << 10U;  // the buffer that passes it is still among them

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool owned_by_server(std::string_view name) {
  static constexpr std::array<std::string_view, 4> kNames{"content-length", "connection", "server",
                                                          "transfer-encoding"};
  return std::ranges::find(kNames, lower_case(name)) != kNames.end();
}

void append_printable(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back((byte < 0x20 && c != '\t') || byte == 0x7f ? ' ' : c);
  }
}

std::string make_head(const ServerResponse& response, std::optional<std::size_t> length, bool keep_alive,
                      TimePoint now) {
  const auto reason =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(response.status)));
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", response.status, std::string_view(reason.data(), reason.size()));
  for (const Header& field : response.headers.fields()) {
    if (owned_by_server(field.name)) continue;
    append_printable(head, field.name);
    head += ": ";
    append_printable(head, field.value);
    head += "\r\n";
  }
  auto out = std::back_inserter(head);
  if (!response.headers.get("Date")) fmt::format_to(out, "Date: {}\r\n", format_http_date(now));
  if (length) fmt::format_to(out, "Content-Length: {}\r\n", *length);
  fmt::format_to(out, "Connection: {}\r\n\r\n", keep_alive ? "keep-alive" : "close");
  return head;
}

}  // namespace

ResponseBytes::ResponseBytes(ServerResponse response, bool head_only, bool keep_alive, TimePoint now) {
  const bool bodiless = response.status < 200 || response.status == 204 || response.status == 304;
  std::size_t length = 0;
  for (const auto& part : response.body) length += part->size();
  head_ = make_head(response, bodiless ? std::nullopt : std::optional(length), keep_alive, now);
  buffers_.emplace_back(head_.data(), head_.size());
  if (bodiless || head_only) return;
  body_ = std::move(response.body);
  buffers_.reserve(body_.size() + 1);
  for (const auto& part : body_) {
    if (!part->empty()) buffers_.emplace_back(part->data(), part->size());
  }
}

void ResponseBytes::truncate(std::size_t bytes) {
  for (std::size_t i = next_; i < buffers_.size(); ++i) {
    if (buffers_[i].size() < bytes) {
      bytes -= buffers_[i].size();
      continue;
    }
    buffers_[i] = asio::buffer(buffers_[i], bytes);
    buffers_.resize(bytes == 0 ? i : i + 1);
    return;
  }
}

std::span<const asio::const_buffer> ResponseBytes::next() const {
  std::size_t count = 0;
  for (std::size_t bytes = 0; next_ + count < buffers_.size() && count < kBuffersPerWrite; ++count) {
    if (bytes >= kBytesPerWrite) break;
    bytes += buffers_[next_ + count].size();
  }
  return std::span(buffers_).subspan(next_, count);
}

void ResponseBytes::consume(std::size_t bytes) {
  while (bytes > 0 && next_ < buffers_.size()) {
    const std::size_t taken = std::min(bytes, buffers_[next_].size());
    buffers_[next_] += taken;
    bytes -= taken;
    if (buffers_[next_].size() == 0) ++next_;
  }
}

}  // namespace ghstats::http
