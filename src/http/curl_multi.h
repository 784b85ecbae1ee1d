// libcurl's multi interface driven by an Asio executor.
#pragma once

#include <curl/curl.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <unordered_map>

#include "async/task.h"
#include "base/clock.h"

namespace ghstats::http {

// Always owned by a shared_ptr: handlers still queued when the owner lets go of it find it gone. All calls on the
// executor's thread. Transfers must have ended before the last owner lets go.
class CurlMulti : public std::enable_shared_from_this<CurlMulti> {
 public:
  CurlMulti(boost::asio::any_io_executor executor, long max_connections_per_host);
  ~CurlMulti();
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  // An easy handle in libcurl's hands, until this is destroyed, which must be before `easy` is.
  class Transfer {
   public:
    Transfer(std::shared_ptr<CurlMulti> multi, CURL* easy, SteadyPoint deadline);
    ~Transfer();
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    // How it ended, once it has.
    [[nodiscard]] const std::optional<CURLcode>& ended() const { return ended_; }
    // Waits for the end or the next notify(), which are not remembered: look before waiting. kTimeout at the deadline,
    // kCancelled at once; both leave the transfer as it is.
    async::Task<Status> wait();
    // May be called by libcurl's callbacks.
    void notify() { wake_.cancel(); }

   private:
    friend class CurlMulti;
    std::shared_ptr<CurlMulti> multi_;
    CURL* easy_;
    boost::asio::steady_timer wake_;  // expires at the deadline; cancelled when there is something to see
    std::optional<CURLcode> ended_;
  };

  // kInternal when libcurl refuses.
  Result<std::unique_ptr<Transfer>> start(CURL* easy, SteadyPoint deadline);

  // Runs the transfer to its end; `easy` is out of libcurl's hands again when this returns, whatever the outcome.
  // kTimeout at the deadline; kCancelled at once. The CURLcode of a transfer that ended by itself is no error here.
  async::Task<Result<CURLcode>> perform(CURL* easy, SteadyPoint deadline);

 private:
  struct Socket;

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* unused);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);
  void watch(curl_socket_t fd, int what);
  void arm(const std::shared_ptr<Socket>& socket, boost::asio::posix::stream_descriptor::wait_type type);
  void act(curl_socket_t fd, int events);
  void wake_finished();

  boost::asio::any_io_executor executor_;
  CURLM* multi_;
  boost::asio::steady_timer timer_;
  std::unordered_map<curl_socket_t, std::shared_ptr<Socket>> sockets_;
};

}  // namespace ghstats::http
