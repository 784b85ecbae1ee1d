// Limits of GitHub that replicas share through the store.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "async/task.h"
#include "async/watch.h"
#include "base/clock.h"
#include "github/limits/shared_limits.h"
#include "log/log.h"
#include "store/store.h"

namespace ghstats::app {

// All calls on one thread. A store that does not answer within kPatience is not asked for kSilence: requests then go by
// what this process knows, as they do while the store is away.
class LimitsExchange {
 public:
  static constexpr std::chrono::milliseconds kPatience{1000};
  static constexpr std::chrono::seconds kSilence{5};

  // `store` and `clock` must outlive it.
  LimitsExchange(boost::asio::any_io_executor executor, store::MetricStore& store, const Clock& clock,
                 log::Logger logger);

  // For the gate of one credential; in the store it is known by a digest. Must not outlive the exchange.
  std::unique_ptr<github::SharedLimits> of(const std::string& credential);

  // Tells the store what was met, until cancelled. What it does not take is not told again: whoever is refused next
  // will.
  async::Task<> run();

 private:
  class Shared;
  async::Task<std::optional<store::Notice>> ask(store::Admission admission);
  void tell(store::Notice notice);

  store::MetricStore& store_;
  const Clock& clock_;
  log::Logger logger_;
  SteadyPoint silent_until_ = SteadyPoint::min();
  struct Untold {
    SteadyPoint ends;
    std::string text;
  };
  std::map<std::string, Untold> untold_;  // by the notice's name
  async::Watch changed_;
};

}  // namespace ghstats::app
