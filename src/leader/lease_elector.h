// Whoever holds the lease leads.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "async/backoff.h"
#include "async/task.h"
#include "async/watch.h"
#include "base/clock.h"
#include "leader/elector.h"
#include "leader/lease_fsm.h"
#include "log/log.h"

namespace ghstats::leader {

// The election as this replica sees it.
struct Election {
  bool leads = false;                         // this replica does
  std::optional<LeaseRecord> record;          // as last read or written; absent before the first answer
  std::optional<TimePoint> holder_seen;       // when this replica first saw the record's holder, by its own wall clock
  std::string last_end;                       // why its last leadership ended, for people; empty before
  std::optional<Error> trouble;               // LeaseFsm::trouble()
  std::map<ErrorCode, std::uint64_t> errors;  // LeaseFsm::errors()
};

struct LeaseElectorEnvironment {
  boost::asio::any_io_executor executor;
  LeaseClient& client;
  const Clock& clock;
  log::Logger logger;
  // Called after each change of who holds the lease since when (not of its renewals), of `leads`, and of the kind of
  // trouble. Must not call the elector but for election().
  std::function<void(const Election&)> on_change = [](const Election&) {};
  async::Sleeper sleep = async::sleep_for;
  async::Waiter wait = async::wait_for_change;
  async::Random random = async::make_random();
};

// All calls on the executor's thread; what the environment names must outlive it.
//
// leads() asks the clock: it is false from the deadline on, also when nothing has run since. The log has one warning
// for each kind of trouble when it begins and one line when it is over, whatever the number of tries between.
class LeaseElector final : public Elector {
 public:
  LeaseElector(LeaseOptions options, LeaseElectorEnvironment environment);

  // Takes part until cancelled; a leadership ends then, but the lease stays until it runs out or is released. Once. Who
  // stops ends the roles first, so that they do not see a change.
  async::Task<> run();

  // Gives the lease back, so that others need not wait until it runs out. After run() has ended and so has the work
  // that it guarded; takes at most the renew deadline. Success: this replica does not hold it, for all that is known.
  // Otherwise what prevented it, or kCancelled; others then take over after lease_duration. Once.
  async::Task<Status> release();

  [[nodiscard]] Election election() const;

  [[nodiscard]] bool leads() const override;
  [[nodiscard]] std::string last_end() const override { return told_.last_end; }
  async::Watch& changed() override { return changed_; }

  // Stops leading; after one to two retry periods whoever the lease names leads (LeaseFsm::superseded()), so that it
  // may say true again, later, with a change between.
  void superseded(const Error& why) override;

 private:
  async::Task<> take_part();
  async::Task<> keep_time();
  async::Task<Status> take_step(LeaseStep step);
  async::Task<Result<LeaseObject>> send(LeaseStep step);
  void publish();
  void log_trouble(const std::optional<Error>& trouble) const;
  [[nodiscard]] std::string describe_end() const;

  const LeaseOptions options_;
  LeaseElectorEnvironment environment_;
  LeaseFsm fsm_;
  async::Watch changed_;
  async::Watch deadline_moved_;
  std::optional<SteadyPoint> deadline_;  // as keep_time() knows it
  std::uint64_t ended_ = 0;              // leaderships whose end is described
  std::string superseded_by_;
  Election told_;
};

}  // namespace ghstats::leader
