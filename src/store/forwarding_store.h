// A store in front of another one: what is derived from it says only what is different.
#pragma once

#include <utility>

#include "store/store.h"

namespace ghstats::store {

class ForwardingStore : public MetricStore {
 public:
  // `inner` must outlive it.
  explicit ForwardingStore(MetricStore& inner) : inner_(inner) {}

  async::Task<Result<Receipt>> commit(Batch batch, Authority authority) override {
    return inner_.commit(std::move(batch), authority);
  }
  async::Task<Result<std::uint64_t>> begin_leadership() override { return inner_.begin_leadership(); }
  async::Task<Result<Snapshot>> snapshot() override { return inner_.snapshot(); }
  async::Task<Result<std::variant<Changes, Resync>>> changes(Cursor after) override {
    return inner_.changes(std::move(after));
  }
  async::Task<Status> wait_for_changes(Cursor after, std::chrono::nanoseconds timeout) override {
    return inner_.wait_for_changes(std::move(after), timeout);
  }
  async::Task<Result<std::vector<Checkpoint>>> checkpoints(std::vector<RepoId> repositories) override {
    return inner_.checkpoints(std::move(repositories));
  }
  async::Task<Result<CoverageRecord>> coverage(std::string org) override { return inner_.coverage(std::move(org)); }
  async::Task<Result<std::vector<LocRecord>>> loc_records(std::vector<RepoId> repositories) override {
    return inner_.loc_records(std::move(repositories));
  }
  async::Task<Result<std::vector<SlotEdition>>> editions(std::string prefix) override {
    return inner_.editions(std::move(prefix));
  }
  async::Task<Result<bool>> claim(std::string key, std::chrono::nanoseconds ttl) override {
    return inner_.claim(std::move(key), ttl);
  }
  async::Task<Status> release(std::string key) override { return inner_.release(std::move(key)); }
  async::Task<Result<std::int64_t>> draw(Allowance allowance, std::int64_t wanted) override {
    return inner_.draw(std::move(allowance), wanted);
  }
  async::Task<Result<std::optional<Notice>>> admit(Admission admission) override {
    return inner_.admit(std::move(admission));
  }
  async::Task<Status> announce(Notice notice) override { return inner_.announce(std::move(notice)); }
  async::Task<Result<std::vector<Notice>>> announced(std::vector<std::string> names) override {
    return inner_.announced(std::move(names));
  }
  async::Task<Status> collect_garbage(TimePoint now, Authority authority) override {
    return inner_.collect_garbage(now, authority);
  }
  async::Task<Result<bool>> mend(Authority authority) override { return inner_.mend(authority); }
  [[nodiscard]] StoreHealth health() const override { return inner_.health(); }

 protected:
  [[nodiscard]] MetricStore& inner() const { return inner_; }

 private:
  MetricStore& inner_;
};

}  // namespace ghstats::store
