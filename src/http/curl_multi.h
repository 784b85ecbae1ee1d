// libcurl's multi interface driven by an Asio executor.
#pragma once

#include <curl/curl.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>

#include "async/task.h"

namespace ghstats::http {

// Always owned by a shared_ptr: handlers still queued when the owner lets go of it find it gone. All calls on the
// executor's thread. Transfers must have ended before the last owner lets go.
class CurlMulti : public std::enable_shared_from_this<CurlMulti> {
 public:
  CurlMulti(boost::asio::any_io_executor executor, long max_connections_per_host);
  ~CurlMulti();
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  // Runs the transfer to its end; `easy` is out of libcurl's hands again when this returns, whatever the outcome.
  // kTimeout after `timeout`; kCancelled at once. The CURLcode of a transfer that ended by itself is no error here.
  async::Task<Result<CURLcode>> perform(CURL* easy, std::chrono::nanoseconds timeout);

 private:
  struct Transfer;
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
