#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "async/watch.h"
#include "store/store.h"

namespace ghstats::store::testing {

enum class Verb {
  kBeginLeadership,
  kCommit,
  kSnapshot,
  kChanges,
  kWaitForChanges,
  kCheckpoints,
  kCoverage,
  kLocRecords,
  kEditions,
  kClaim,
  kRelease,
  kDraw,
  kAdmit,
  kAnnounce,
  kAnnounced,
  kCollectGarbage,
  kMend,
};

// A MetricStore that forwards to another one, and fails or hangs where it is told to; a call that fails does not reach
// the other store. Every call lets other tasks run first, as over a network, and answers kCancelled when it was
// cancelled before it reached the other store. All calls on one thread.
class FailingStore : public MetricStore {
 public:
  // `inner` must outlive it.
  FailingStore(boost::asio::any_io_executor executor, MetricStore& inner) : inner_(&inner), released_(executor) {}

  // What the next calls of this verb do, one each, in the order told; the calls after them do as the knobs below say.
  void fail_next(Verb verb, Error error) { scripts_[verb].push_back({.error = std::move(error)}); }
  // The other store is asked, but its answer is lost.
  void lose_next_answer(Verb verb, Error error) {
    scripts_[verb].push_back({.error = std::move(error), .reaches_inner = true});
  }
  // Waits until release_hanging() or until cancelled; then does what was told next.
  void hang_next(Verb verb) { scripts_[verb].push_back({.hangs = true}); }
  // The next changes() is a Resync; until then wait_for_changes() does not wait.
  void resync_next() { ++resyncs_; }

  // Every call without a script, until recover(); health() is then unhealthy for the same reason.
  void fail_all(Error error) { every_ = std::move(error); }
  void fail_every(Verb verb, Error error) { each_.insert_or_assign(verb, std::move(error)); }

  // Forgets all of the above, except for calls that hang.
  void recover() {
    scripts_.clear();
    resyncs_ = 0;
    every_.reset();
    each_.clear();
  }
  // Lets every hanging call go on.
  void release_hanging() { released_.bump(); }

  // From now on another store is behind this one, as when a server came back with other data. It must outlive this.
  void replace(MetricStore& inner) { inner_ = &inner; }

  // wait_for_changes() waits for its whole timeout with this instead of waiting for a change in real time.
  void wait_with(async::Sleeper sleep) { sleep_ = std::move(sleep); }

  // Calls that arrived, whatever became of them.
  [[nodiscard]] std::size_t calls(Verb verb) const {
    const auto found = calls_.find(verb);
    return found == calls_.end() ? 0 : found->second;
  }
  [[nodiscard]] std::size_t hanging() const { return hanging_; }

  async::Task<Result<std::uint64_t>> begin_leadership() override {
    return call<std::uint64_t>(Verb::kBeginLeadership, [this] { return inner_->begin_leadership(); });
  }
  async::Task<Result<Receipt>> commit(Batch batch, Authority authority) override {
    return call<Receipt>(Verb::kCommit, [this, batch = std::move(batch), authority]() mutable {
      return inner_->commit(std::move(batch), authority);
    });
  }
  async::Task<Result<Snapshot>> snapshot() override {
    return call<Snapshot>(Verb::kSnapshot, [this] { return inner_->snapshot(); });
  }
  async::Task<Result<std::variant<Changes, Resync>>> changes(Cursor after) override {
    return call<std::variant<Changes, Resync>>(
        Verb::kChanges, [this, after = std::move(after)] { return resyncs_ > 0 ? resync() : inner_->changes(after); });
  }
  async::Task<Status> wait_for_changes(Cursor after, std::chrono::nanoseconds timeout) override {
    return call<void>(Verb::kWaitForChanges, [this, after = std::move(after), timeout] {
      if (resyncs_ > 0) return done();
      return sleep_ ? sleep_(timeout) : inner_->wait_for_changes(after, timeout);
    });
  }
  async::Task<Result<std::vector<Checkpoint>>> checkpoints(std::vector<RepoId> repositories) override {
    return call<std::vector<Checkpoint>>(Verb::kCheckpoints,
                                         [this, ids = std::move(repositories)] { return inner_->checkpoints(ids); });
  }
  async::Task<Result<CoverageRecord>> coverage(std::string org) override {
    return call<CoverageRecord>(Verb::kCoverage, [this, org = std::move(org)] { return inner_->coverage(org); });
  }
  async::Task<Result<std::vector<LocRecord>>> loc_records(std::vector<RepoId> repositories) override {
    return call<std::vector<LocRecord>>(Verb::kLocRecords,
                                        [this, ids = std::move(repositories)] { return inner_->loc_records(ids); });
  }
  async::Task<Result<std::vector<SlotEdition>>> editions(std::string prefix) override {
    return call<std::vector<SlotEdition>>(Verb::kEditions,
                                          [this, prefix = std::move(prefix)] { return inner_->editions(prefix); });
  }
  async::Task<Result<bool>> claim(std::string key, std::chrono::nanoseconds ttl) override {
    return call<bool>(Verb::kClaim, [this, key = std::move(key), ttl] { return inner_->claim(key, ttl); });
  }
  async::Task<Status> release(std::string key) override {
    return call<void>(Verb::kRelease, [this, key = std::move(key)] { return inner_->release(key); });
  }
  async::Task<Result<std::int64_t>> draw(Allowance allowance, std::int64_t wanted) override {
    return call<std::int64_t>(
        Verb::kDraw, [this, allowance = std::move(allowance), wanted] { return inner_->draw(allowance, wanted); });
  }
  async::Task<Result<std::optional<Notice>>> admit(Admission admission) override {
    return call<std::optional<Notice>>(Verb::kAdmit,
                                       [this, admission = std::move(admission)] { return inner_->admit(admission); });
  }
  async::Task<Status> announce(Notice notice) override {
    return call<void>(Verb::kAnnounce, [this, bar = std::move(notice)] { return inner_->announce(bar); });
  }
  async::Task<Result<std::vector<Notice>>> announced(std::vector<std::string> names) override {
    return call<std::vector<Notice>>(Verb::kAnnounced,
                                     [this, names = std::move(names)] { return inner_->announced(names); });
  }
  async::Task<Status> collect_garbage(TimePoint now, Authority authority) override {
    return call<void>(Verb::kCollectGarbage,
                      [this, now, authority] { return inner_->collect_garbage(now, authority); });
  }
  async::Task<Result<bool>> mend(Authority authority) override {
    return call<bool>(Verb::kMend, [this, authority] { return inner_->mend(authority); });
  }

  [[nodiscard]] StoreHealth health() const override {
    StoreHealth health = inner_->health();
    if (every_) {
      health.healthy = false;
      health.reason = every_->message;
    }
    return health;
  }

 private:
  struct Step {
    std::optional<Error> error = {};
    bool reaches_inner = false;
    bool hangs = false;
  };

  template <class T>
  async::Task<Result<T>> call(Verb verb, std::function<async::Task<Result<T>>()> ask) {
    ++calls_[verb];
    co_await async::yield();
    while (next_hangs(verb)) {
      scripts_[verb].pop_front();
      ++hanging_;
      const Status released = co_await released_.wait_beyond(released_.version());
      --hanging_;
      if (!released) co_return fail(released.error());
    }
    const bool stop = co_await async::cancelled();
    if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
    const Step step = next(verb);
    if (step.error && !step.reaches_inner) co_return fail(*step.error);
    auto answer = co_await ask();
    if (step.error) co_return fail(*step.error);
    co_return answer;
  }

  [[nodiscard]] bool next_hangs(Verb verb) {
    const auto& script = scripts_[verb];
    return !script.empty() && script.front().hangs;
  }

  Step next(Verb verb) {
    auto& script = scripts_[verb];
    if (!script.empty()) {
      Step step = std::move(script.front());
      script.pop_front();
      return step;
    }
    const auto each = each_.find(verb);
    return {.error = each != each_.end() ? each->second : every_};
  }

  async::Task<Result<std::variant<Changes, Resync>>> resync() {
    --resyncs_;
    co_return std::variant<Changes, Resync>(Resync{});
  }

  static async::Task<Status> done() { co_return Status{}; }

  MetricStore* inner_;
  async::Watch released_;
  async::Sleeper sleep_;
  std::map<Verb, std::deque<Step>> scripts_;
  std::map<Verb, Error> each_;
  std::optional<Error> every_;
  std::size_t resyncs_ = 0;
  std::map<Verb, std::size_t> calls_;
  std::size_t hanging_ = 0;
};

}  // namespace ghstats::store::testing
