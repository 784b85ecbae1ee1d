#include "http/curl_multi.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

namespace ghstats::http {
namespace asio = boost::asio;
using asio::posix::stream_descriptor;

struct CurlMulti::Socket {
  stream_descriptor descriptor;
  int wanted = CURL_POLL_NONE;
  std::array<bool, 2> armed{};  // a wait for reading, for writing is under way
};

CurlMulti::CurlMulti(asio::any_io_executor executor, long max_connections_per_host)
    : executor_(std::move(executor)), multi_(curl_multi_init()), timer_(executor_) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlMulti::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, max_connections_per_host);
}

CurlMulti::~CurlMulti() {
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  curl_multi_cleanup(multi_);
  // The descriptors belong to libcurl, which has closed them.
  for (const auto& [fd, socket] : sockets_) {
    if (socket->descriptor.is_open()) socket->descriptor.release();
  }
}

int CurlMulti::on_socket(CURL* /*easy*/, curl_socket_t fd, int what, void* self, void* /*unused*/) {
  static_cast<CurlMulti*>(self)->watch(fd, what);
  return 0;
}

void CurlMulti::watch(curl_socket_t fd, int what) {
  const auto known = sockets_.find(fd);
  if (what == CURL_POLL_REMOVE) {
    if (known == sockets_.end()) return;
    // At once: libcurl may close the descriptor and open the same number again before any handler runs.
    known->second->wanted = CURL_POLL_NONE;
    known->second->descriptor.release();
    sockets_.erase(known);
    return;
  }
  auto socket = known != sockets_.end() ? known->second : nullptr;
  if (!socket) {
    socket = std::make_shared<Socket>(Socket{stream_descriptor(executor_)});
    boost::system::error_code ec;
    socket->descriptor.assign(fd, ec);
    // Out of kernel memory for another watch: the transfer runs into its timeout. Telling libcurl would end them all.
    if (ec) return;
    sockets_.emplace(fd, socket);
  }
  socket->wanted = what;
  arm(socket, stream_descriptor::wait_read);
  arm(socket, stream_descriptor::wait_write);
}

void CurlMulti::arm(const std::shared_ptr<Socket>& socket, stream_descriptor::wait_type type) {
  const bool reading = type == stream_descriptor::wait_read;
  const int direction = reading ? CURL_POLL_IN : CURL_POLL_OUT;
  bool& armed = socket->armed[reading ? 0 : 1];
  if (armed || (socket->wanted & direction) == 0) return;
  armed = true;
  socket->descriptor.async_wait(
      type, [weak = weak_from_this(), socket, type, reading, direction](const boost::system::error_code& ec) {
        socket->armed[reading ? 0 : 1] = false;
        const auto self = weak.lock();
        // No longer wanted in this direction (or at all) while the handler was queued.
        if (!self || (socket->wanted & direction) == 0) return;
        const int ready = reading ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
        self->act(socket->descriptor.native_handle(), ec ? ready | CURL_CSELECT_ERR : ready);
        if (socket->descriptor.is_open()) self->arm(socket, type);
      });
}

int CurlMulti::on_timer(CURLM* /*multi*/, long timeout_ms, void* self_pointer) {
  auto* self = static_cast<CurlMulti*>(self_pointer);
  if (timeout_ms < 0) {
    self->timer_.cancel();
    return 0;
  }
  self->timer_.expires_after(std::chrono::milliseconds(timeout_ms));
  self->timer_.async_wait([weak = self->weak_from_this()](const boost::system::error_code& ec) {
    const auto alive = weak.lock();
    if (alive && !ec) alive->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void CurlMulti::act(curl_socket_t fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  wake_finished();
}

void CurlMulti::wake_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->ended_ = message->data.result;
    transfer->notify();
  }
}

CurlMulti::Transfer::Transfer(std::shared_ptr<CurlMulti> multi, CURL* easy, SteadyPoint deadline)
    : multi_(std::move(multi)), easy_(easy), wake_(multi_->executor_, deadline) {
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
}

CurlMulti::Transfer::~Transfer() {
  curl_multi_remove_handle(multi_->multi_, easy_);
}

async::Task<Status> CurlMulti::Transfer::wait() {
  const bool stop = co_await async::cancelled();
  if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
  const auto [ec] = co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!ec) co_return fail(ErrorCode::kTimeout, "timeout");
  const bool stopped = co_await async::cancelled();
  if (stopped) co_return fail(ErrorCode::kCancelled, "cancelled");
  co_return Status{};
}

Result<std::unique_ptr<CurlMulti::Transfer>> CurlMulti::start(CURL* easy, SteadyPoint deadline) {
  auto transfer = std::make_unique<Transfer>(shared_from_this(), easy, deadline);
  const CURLMcode added = curl_multi_add_handle(multi_, easy);
  if (added != CURLM_OK) return fail(ErrorCode::kInternal, curl_multi_strerror(added));
  return transfer;
}

async::Task<Result<CURLcode>> CurlMulti::perform(CURL* easy, SteadyPoint deadline) {
  const bool stop = co_await async::cancelled();
  if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
  if (deadline <= std::chrono::steady_clock::now()) co_return fail(ErrorCode::kTimeout, "timeout");

  const auto transfer = start(easy, deadline);
  if (!transfer) co_return fail(transfer.error());
  for (;;) {
    const auto waited = co_await (*transfer)->wait();
    if ((*transfer)->ended()) co_return *(*transfer)->ended();
    if (!waited) co_return fail(waited.error());
  }
}

}  // namespace ghstats::http
