// A response as the bytes that go on the wire, without copying its body.
#pragma once

#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/router.h"

namespace ghstats::http {

// Head and body parts in order, with a position. Keeps the body alive; neither copied nor moved, because the buffers
// point into it.
class ResponseBytes {
 public:
  // `head_only`: the answer to a HEAD. 1xx, 204 and 304 never have a body nor a Content-Length. Control characters in
  // header values become blanks, so that no value can forge a header.
  ResponseBytes(ServerResponse response, bool head_only, bool keep_alive, TimePoint now);
  ResponseBytes(const ResponseBytes&) = delete;
  ResponseBytes& operator=(const ResponseBytes&) = delete;

  // Leaves out everything after the first `bytes`.
  void truncate(std::size_t bytes);

  [[nodiscard]] bool done() const { return next_ == buffers_.size(); }
  // The next buffers to write, no more than one system call takes or keeps others waiting. Valid until consume().
  [[nodiscard]] std::span<const boost::asio::const_buffer> next() const;
  void consume(std::size_t bytes);

 private:
  std::string head_;
  std::vector<std::shared_ptr<const std::string>> body_;
  std::vector<boost::asio::const_buffer> buffers_;
  std::size_t next_ = 0;
};

}  // namespace ghstats::http
