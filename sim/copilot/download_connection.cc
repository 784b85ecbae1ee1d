#include "sim/copilot/download_connection.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>

namespace ghstats::sim::copilot {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
constexpr auto kUse = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kChunkBytes = 256UL << 10U;  // so much is put together before it is sent

std::string head_of(const Download& download) {
  const auto status = beast::http::int_to_status(static_cast<unsigned>(download.status));
  auto head =
      fmt::format("HTTP/1.1 {} {}\r\n", download.status, std::string_view(beast::http::obsolete_reason(status)));
  for (const auto& field : download.headers.fields()) head += fmt::format("{}: {}\r\n", field.name, field.value);
  return head + "Server: Windows-Azure-Blob/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
}

}  // namespace

async::Task<std::optional<DownloadRequest>> DownloadConnection::read() {
  const bool stop = co_await async::cancelled();
  if (stop) co_return std::nullopt;
  beast::http::request<beast::http::empty_body> message;
  const auto [error, bytes] = co_await beast::http::async_read(socket_, buffer_, message, kUse);
  if (error) co_return std::nullopt;
  DownloadRequest request;
  request.method = message.method_string();
  request.target = message.target();
  request.host = message[beast::http::field::host];
  request.has_authorization = message.find(beast::http::field::authorization) != message.end();
  request.keep_alive = message.keep_alive();
  co_return request;
}

async::Task<bool> DownloadConnection::write(Download download, std::int64_t& bytes_sent) {
  const auto waited = co_await async::sleep_for(download.delay);
  if (!waited) co_return false;
  const auto head = head_of(download);
  const auto [error, written] = co_await asio::async_write(socket_, asio::buffer(head), kUse);
  if (error) co_return false;
  const bool whole = co_await write_body(std::move(download.body), download.truncate_after, bytes_sent);
  co_return whole;
}

async::Task<bool> DownloadConnection::write_body(BodySource body, std::optional<std::int64_t> truncate_after,
                                                 std::int64_t& bytes_sent) {
  std::string chunk;
  std::int64_t sent = 0;
  for (bool more = true; more;) {
    chunk.clear();
    while (more && chunk.size() < kChunkBytes) more = body(chunk);
    if (chunk.empty() && truncate_after != sent) continue;  // an empty chunk would end the body
    // A truncated body ends in a chunk that is shorter than it says.
    const auto left = truncate_after.value_or(sent + static_cast<std::int64_t>(chunk.size())) - sent;
    const bool cut = truncate_after && left <= static_cast<std::int64_t>(chunk.size());
    const auto size = cut ? static_cast<std::size_t>(left) : chunk.size();
    const auto line = fmt::format("{:x}\r\n", cut ? chunk.size() + 1 : chunk.size());
    const std::array<asio::const_buffer, 3> parts{asio::buffer(line), asio::buffer(chunk.data(), size),
                                                  asio::buffer("\r\n", cut ? 0 : 2)};
    const auto [error, written] = co_await asio::async_write(socket_, parts, kUse);
    if (error) co_return false;
    sent += static_cast<std::int64_t>(size);
    bytes_sent += static_cast<std::int64_t>(size);
    if (cut) co_return false;
  }
  const auto [error, written] = co_await asio::async_write(socket_, asio::buffer(std::string_view("0\r\n\r\n")), kUse);
  co_return !error;
}

}  // namespace ghstats::sim::copilot
