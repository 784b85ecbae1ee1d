#include "http/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <new>
#include <utility>

#include "base/clock.h"

namespace ghstats::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

namespace {

constexpr auto kUse = asio::as_tuple(asio::use_awaitable);
constexpr Duration kLingerTime{2000};
constexpr std::size_t kLingerBytes = 16UL << 20U;
// Of an answer in the kernel that its client has no room for. The kernel would copy megabytes for each of many that do
// not read; what stays here is shared with other answers, and who does not take it is seen.
constexpr int kMostUnsent = 64 << 10;

std::string_view phrase(int status) {
  switch (status) {
    case 413:
      return "request body too large\n";
    case 417:
      return "expectation failed\n";
    case 431:
      return "request header too large\n";
    case 500:
      return "internal server error\n";
    case 501:
      return "transfer coding not implemented\n";
    case 503:
      return "not enough room to answer, try again\n";
    default:
      return "bad request\n";
  }
}

ServerResponse plain_response(int status) {
  return text_response(status, "text/plain; charset=utf-8", std::string(phrase(status)));
}

SteadyPoint steady_now() {
  return std::chrono::steady_clock::now();
}

// Not even for a log line there may be memory.
void log_error(const log::Logger& logger, std::string_view message, std::initializer_list<log::Field> fields) noexcept {
  try {
    logger.error(message, fields);
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace

Connection::Connection(tcp::socket socket, ConnectionContext context)
    : stream_(std::move(socket)), reader_(stream_, buffer_, context.options), context_(context) {
  boost::system::error_code ignored;
  stream_.socket().set_option(tcp::no_delay(true), ignored);
  (void)::setsockopt(stream_.socket().native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kMostUnsent,
                     sizeof kMostUnsent);
}

void Connection::drain() {
  draining_ = true;
  if (reader_.idle()) stream_.close();
}

void Connection::close(bool reset) {
  boost::system::error_code ignored;
  if (reset) {
    stream_.socket().set_option(asio::socket_base::linger(true, 0), ignored);
  } else {
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }
  stream_.close();
}

void Connection::give_way() {
  draining_ = true;
  close(true);
}

async::Task<> Connection::serve(Occupancy::Id id, std::string holder) {
  id_ = id;
  holder_ = std::move(holder);
  try {
    co_await serve_requests();
  } catch (const std::exception& e) {
    log_error(context_.logger, "a connection ended unexpectedly", {{"error", e.what()}});
  }
  close(false);
}

async::Task<> Connection::serve_requests() {
  while (!draining_) {
    context_.occupancy.owes_request(id_, steady_now());
    auto outcome = co_await reader_.read();
    if (const auto* rejected = std::get_if<RejectedRequest>(&outcome)) {
      co_await write_and_linger(plain_response(rejected->status));
      co_return;
    }
    auto* incoming = std::get_if<IncomingRequest>(&outcome);
    if (incoming == nullptr) co_return;

    const bool go = co_await turn();
    if (!go) co_return;
    const bool head_only = incoming->request.method == "HEAD";
    auto response = co_await answer(std::move(incoming->request));
    const auto disruption = response.disruption;
    const bool keep_alive = incoming->keep_alive && !draining_;
    ResponseBytes bytes(std::move(response), head_only, keep_alive, std::chrono::system_clock::now());
    if (disruption) bytes.truncate(disruption->after_bytes);
    const bool written = co_await write(bytes);
    if (!written) co_return;
    if (disruption) {
      close(disruption->reset);
      co_return;
    }
    if (!keep_alive) {
      // Closing over unread input would reset the connection under the answer.
      if (buffer_.size() > 0) co_await linger();
      co_return;
    }
  }
}

async::Task<ServerResponse> Connection::answer(ServerRequest request) {
  const std::string method = request.method;
  const std::string path = request.path;
  std::string failure;
  int status = 500;
  try {
    co_return co_await context_.router.dispatch(std::move(request));
  } catch (const std::bad_alloc&) {
    failure = "out of memory";
    status = 503;
  } catch (const std::exception& e) {
    failure = e.what();
  } catch (...) {
    failure = "unknown exception";
  }
  const bool stop = co_await async::cancelled();
  if (!stop) {
    log_error(context_.logger, "a request handler failed", {{"method", method}, {"path", path}, {"error", failure}});
  }
  co_return plain_response(status);
}

// False: asked to stop, or to give way.
async::Task<bool> Connection::turn() {
  context_.occupancy.waits_for_turn(id_, steady_now());
  const bool given = co_await context_.turns.wait(holder_);
  context_.occupancy.waits_for_server(id_);
  co_return given&& stream_.socket().is_open();
}

async::Task<bool> Connection::write(ResponseBytes& bytes) {
  ReadingPace pace(steady_now());
  while (!bytes.done()) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return false;
    context_.occupancy.takes_answer(id_, pace.late_since());
    stream_.expires_at(pace.late_since() + context_.options.idle_timeout);
    const auto [ec, written] = co_await stream_.async_write_some(bytes.next(), kUse);
    if (ec) co_return false;
    bytes.consume(written);
    pace.took(written, steady_now());
    if (bytes.done()) break;
    const bool go = co_await turn();
    if (!go) co_return false;
  }
  co_return true;
}

async::Task<> Connection::linger() {
  const bool stop = co_await async::cancelled();
  if (stop) co_return;
  boost::system::error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  buffer_.clear();
  stream_.expires_after(std::min(context_.options.idle_timeout, kLingerTime));
  std::size_t discarded = 0;
  while (discarded < kLingerBytes) {
    constexpr std::size_t kChunk = 16UL << 10U;
    const auto [ec, bytes] = co_await stream_.async_read_some(buffer_.prepare(kChunk), kUse);
    if (ec) co_return;
    discarded += bytes;
  }
}

async::Task<> Connection::write_and_linger(ServerResponse response) {
  ResponseBytes bytes(std::move(response), false, false, std::chrono::system_clock::now());
  const bool written = co_await write(bytes);
  if (written) co_await linger();
}

async::Task<> Connection::refuse() {
  co_await write_and_linger(plain_response(503));
  close(false);
}

}  // namespace ghstats::http
