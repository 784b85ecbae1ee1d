// The shared store, and the store of this process until the shared one can be reached.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "store/store.h"

namespace ghstats::store {

struct JoiningOptions {
  // How long calls wait at the start for a shared store that does not answer yet.
  std::chrono::nanoseconds patience = std::chrono::seconds{5};
  // Between two attempts to join it later.
  std::chrono::nanoseconds retry_interval = std::chrono::seconds{1};
  // Must not wait. At most once each, in this order: memory stands in, and why; the shared store was joined. Nothing is
  // told when the shared store answered in time.
  std::function<void(const Error& why)> on_fallback = {};
  std::function<void()> on_joined = {};
  async::Sleeper sleep = async::sleep_for;
};

// Where calls go is decided while run() runs: to the shared store once it has answered within `patience`; otherwise to
// memory, until it answers. Then it is joined, and stays what is asked whatever becomes of it: a shared store lost
// later means errors to callers, never memory again, because two truths cannot be merged.
//
// Joining is one step for callers, whose calls wait meanwhile:
//   - What was counted in memory is added to the shared counters, before anybody reads the sum: none goes back.
//   - A leadership that began in memory has ended: what is written under its epoch is kUnavailable from now on. Whether
//     this replica is to begin one in the shared store is not for the store to decide: somebody else may lead there.
//     (Epochs of the shared store are above those of memory, which count from 1.)
//   - Nothing else is copied: a view keeps what it shows, and whoever leads tells it again and collects from the shared
//     store's checkpoints and coverage (docs/adr/0010-views-outlive-what-the-store-forgets.md). What was claimed in
//     memory is claimed of nothing there: a claim comes under an epoch that has ended, or has a serial of memory's.
//   - Cursors are of another incarnation: Resync.
//   - Claims, allowances, notices and budgets of memory are forgotten.
// When one of these fails everything stays in memory, and is tried again.
//
// While memory stands in, health() is unhealthy with `fallback` and the reason, and wait_for_changes() may return
// early.
class JoiningStore : public MetricStore {
 public:
  // Lives until it has joined or is cancelled; cancelled undecided, it leaves memory in place.
  virtual async::Task<> run() = 0;
};

// Everything referred to must outlive the store.
std::unique_ptr<JoiningStore> make_joining_store(boost::asio::any_io_executor executor, const Clock& clock,
                                                 MetricStore& shared, MetricStore& memory, JoiningOptions options);

}  // namespace ghstats::store
