// What the operating system says about this process (the families every Prometheus client library exports).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "metrics/series.h"

namespace ghstats::app {

// process_* samples with the replica label, read from /proc/self; what cannot be read is left out. One thread at a
// time.
class ProcessSamples {
 public:
  // What was read is good for so long: reading costs more than the rest of a scrape, and the more, the more
  // descriptors are open.
  static constexpr std::chrono::milliseconds kGoodFor{10};

  explicit ProcessSamples(std::string replica);

  // As of `now`, or of less than kGoodFor before. Valid until the next call.
  const std::vector<metrics::Sample>& at(SteadyPoint now);

 private:
  [[nodiscard]] std::vector<metrics::Sample> read() const;

  std::string replica_;
  std::optional<double> boot_time_;  // of the machine, in Unix seconds; once: the kernel moves it with the wall clock
  std::optional<SteadyPoint> read_at_ = {};
  std::vector<metrics::Sample> samples_ = {};
};

}  // namespace ghstats::app
