#include "net/stream.h"

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <tuple>
#include <utility>

#include "net/resolve.h"

namespace ghstats::net {
namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

namespace {

constexpr auto kUse = asio::as_tuple(asio::use_awaitable);

std::string reason(boost::system::error_code ec) {
  if (ec == asio::error::eof || ec == asio::ssl::error::stream_truncated) return "closed by the other side";
  if (ec == asio::error::operation_aborted) return "closed";
  return ec.message();
}

// `stopped`: whether the task was asked to stop.
std::unexpected<Error> failed(boost::system::error_code ec, bool stopped) {
  if (stopped) return fail(ErrorCode::kCancelled, "cancelled");
  if (ec == beast::error::timeout) return fail(ErrorCode::kTimeout, "no answer in time");
  return fail(ErrorCode::kUnavailable, reason(ec));
}

bool is_address(const std::string& host) {
  boost::system::error_code ec;
  asio::ip::make_address(host, ec);
  return !ec;
}

}  // namespace

Stream::Stream(const asio::any_io_executor& executor, std::shared_ptr<TlsContext> tls)
    : tls_context_(std::move(tls)), tcp_(executor) {}

async::Task<Result<std::unique_ptr<Stream>>> Stream::connect(Endpoint endpoint, std::shared_ptr<TlsContext> tls,
                                                             std::chrono::nanoseconds timeout) {
  const std::string context = "connect to " + to_string(endpoint);
  const auto end = std::chrono::steady_clock::now() + timeout;
  const auto addresses = co_await resolve(endpoint, timeout);
  if (!addresses) co_return std::unexpected(addresses.error().with_context(context));

  const bool stopped_before = co_await async::cancelled();
  if (stopped_before) co_return fail(ErrorCode::kCancelled, "cancelled");
  if (std::chrono::steady_clock::now() >= end) co_return fail(ErrorCode::kTimeout, context + ": no time left");
  const auto executor = co_await asio::this_coro::executor;
  std::unique_ptr<Stream> stream(new Stream(executor, std::move(tls)));
  stream->tcp_.expires_at(end);
  const auto [ec, connected] = co_await stream->tcp_.async_connect(*addresses, kUse);
  if (ec) {
    const bool stopped = co_await async::cancelled();
    co_return fail(failed(ec, stopped).error().with_context(context));
  }
  boost::system::error_code ignored;
  stream->tcp_.socket().set_option(tcp::no_delay(true), ignored);
  stream->tcp_.socket().set_option(asio::socket_base::keep_alive(true), ignored);
  if (stream->tls_context_) {
    const auto shaken = co_await stream->shake_hands(endpoint.host);
    if (!shaken) co_return fail(shaken.error().with_context(context));
  }
  stream->tcp_.expires_never();
  co_return stream;
}

async::Task<Status> Stream::shake_hands(std::string host) {
  const bool stopped_before = co_await async::cancelled();
  if (stopped_before) co_return fail(ErrorCode::kCancelled, "cancelled");
  try {
    tls_.emplace(tcp_, tls_context_->native());
  } catch (const boost::system::system_error& e) {
    co_return fail(ErrorCode::kInternal, fmt::format("TLS: {}", e.what()));
  }
  SSL* ssl = tls_->native_handle();
  X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // RFC 6066, 3: SNI carries names, not addresses.
  const bool accepted = is_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1
                                         : X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size()) == 1 &&
                                               SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
  if (!accepted) co_return fail(ErrorCode::kInvalidArgument, fmt::format("TLS: '{}' is no host name", host));

  const auto [handshake_ec] = co_await tls_->async_handshake(asio::ssl::stream_base::client, kUse);
  if (!handshake_ec) co_return Status{};
  const bool stopped = co_await async::cancelled();
  if (stopped || handshake_ec == beast::error::timeout) {
    co_return fail(failed(handshake_ec, stopped).error().with_context("TLS"));
  }
  // "certificate verify failed" alone does not tell a wrong CA from a wrong name.
  const long verdict = SSL_get_verify_result(ssl);
  const std::string why = verdict == X509_V_OK ? reason(handshake_ec)
                                               : fmt::format("the server's certificate is not accepted for '{}': {}",
                                                             host, X509_verify_cert_error_string(verdict));
  co_return fail(ErrorCode::kUnavailable, "TLS: " + why);
}

async::Task<Result<std::size_t>> Stream::read_some(std::span<char> into) {
  const bool stopped_before = co_await async::cancelled();
  if (stopped_before) co_return fail(ErrorCode::kCancelled, "cancelled");
  const asio::mutable_buffer buffer(into.data(), into.size());
  boost::system::error_code ec;
  std::size_t bytes = 0;
  if (tls_) {
    std::tie(ec, bytes) = co_await tls_->async_read_some(buffer, kUse);
  } else {
    std::tie(ec, bytes) = co_await tcp_.async_read_some(buffer, kUse);
  }
  if (!ec) co_return bytes;
  const bool stopped = co_await async::cancelled();
  co_return failed(ec, stopped);
}

async::Task<Status> Stream::write(std::string_view bytes) {
  const bool stopped_before = co_await async::cancelled();
  if (stopped_before) co_return fail(ErrorCode::kCancelled, "cancelled");
  const asio::const_buffer buffer(bytes.data(), bytes.size());
  boost::system::error_code ec;
  std::size_t written = 0;
  if (tls_) {
    std::tie(ec, written) = co_await asio::async_write(*tls_, buffer, kUse);
  } else {
    std::tie(ec, written) = co_await asio::async_write(tcp_, buffer, kUse);
  }
  if (!ec) co_return Status{};
  const bool stopped = co_await async::cancelled();
  co_return failed(ec, stopped);
}

void Stream::close() {
  tcp_.close();
}

}  // namespace ghstats::net
