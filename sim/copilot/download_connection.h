// One client of the report host.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <optional>

#include "async/task.h"
#include "sim/copilot/download.h"

namespace ghstats::sim::copilot {

// All calls on the thread of its socket.
class DownloadConnection {
 public:
  explicit DownloadConnection(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  // Absent: the client has gone, or speaks no HTTP.
  async::Task<std::optional<DownloadRequest>> read();
  // `bytes_sent` grows as the body does. False: the client has gone, or was left in the middle of a chunk.
  async::Task<bool> write(Download download, std::int64_t& bytes_sent);

 private:
  async::Task<bool> write_body(BodySource body, std::optional<std::int64_t> truncate_after, std::int64_t& bytes_sent);

  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace ghstats::sim::copilot
