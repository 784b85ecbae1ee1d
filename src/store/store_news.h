// Says once that the store cannot be used, and once that it can be again; the same of what people should know of it;
// and, as long as it lasts, that it is not ours alone.
#pragma once

#include <optional>

#include "base/clock.h"
#include "log/log.h"
#include "store/store.h"

namespace ghstats::store {

class StoreNews {
 public:
  explicit StoreNews(log::Logger logger) : logger_(std::move(logger)) {}

  void looked_at(const StoreHealth& store, SteadyPoint now) {
    tell_of_use(store);
    tell_of_concern(store);
    tell_of_mixture(store, now);
  }

 private:
  enum class State { kUnknown, kGood, kBad };
  static constexpr std::chrono::minutes kBetweenWarnings{10};

  // Not before the store was healthy for the first time: JoiningStore tells of that.
  void tell_of_use(const StoreHealth& store) {
    const State now = store.healthy ? State::kGood : State::kBad;
    if (state_ == State::kGood && now == State::kBad) {
      logger_.warn("the store cannot be used", {{"error", store.reason}});
    }
    if (state_ == State::kBad && now == State::kGood) logger_.info("the store can be used again", {});
    if (state_ != State::kUnknown || now == State::kGood) state_ = now;
  }

  void tell_of_concern(const StoreHealth& store) {
    if (!concerned_ && !store.concern.empty()) {
      logger_.warn("the store needs attention", {{"concern", store.concern}});
    }
    if (concerned_ && store.concern.empty()) logger_.info("the store is in order again", {});
    concerned_ = !store.concern.empty();
  }

  // Also in a rolling restart that changes the organisations: then it ends with the last replica of the old list.
  void tell_of_mixture(const StoreHealth& store, SteadyPoint now) {
    if (store.mixed.empty()) {
      if (warned_) logger_.info("no other environment uses the same keys in Redis any more");
      warned_.reset();
    } else if (!warned_ || now - *warned_ >= kBetweenWarnings) {
      warned_ = now;
      logger_.warn(
          "replicas of another environment use the same keys in Redis, and their pages mix: give each environment a "
          "store.redis_key_prefix of its own",
          {{"environments", store.mixed}});
    }
  }

  log::Logger logger_;
  State state_ = State::kUnknown;
  bool concerned_ = false;
  std::optional<SteadyPoint> warned_;
};

}  // namespace ghstats::store
