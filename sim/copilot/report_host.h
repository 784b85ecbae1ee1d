// The host that reports are downloaded from: plain HTTP/1.1, bodies in chunks, made while they are sent.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "async/task.h"
#include "base/error.h"
#include "sim/copilot/reports.h"

namespace ghstats::sim::copilot {

// All calls on the executor's thread. stop() must have been awaited before destruction while the executor runs.
class ReportHost {
 public:
  // Listens at once, and tells `reports` where. kUnavailable names the address when that fails. `reports` and `clock`
  // must outlive it.
  static Result<std::unique_ptr<ReportHost>> listen(boost::asio::any_io_executor executor, const std::string& address,
                                                    Reports& reports, const Clock& clock);
  virtual ~ReportHost() = default;

  [[nodiscard]] virtual std::uint16_t port() const = 0;
  // Closes everything, downloads in the middle of a file, too.
  virtual async::Task<> stop() = 0;
};

}  // namespace ghstats::sim::copilot
