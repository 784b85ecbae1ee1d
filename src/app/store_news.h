// Says once that the store cannot be used, and once that it can be again; the same of what people should know of it.
#pragma once

#include "log/log.h"
#include "store/store.h"

namespace ghstats::app {

// Not before the store was healthy for the first time: JoiningStore tells of that.
class StoreNews {
 public:
  explicit StoreNews(log::Logger logger) : logger_(std::move(logger)) {}

  void looked_at(const store::StoreHealth& store) {
    const State now = store.healthy ? State::kGood : State::kBad;
    if (state_ == State::kGood && now == State::kBad) {
      logger_.warn("the store cannot be used", {{"error", store.reason}});
    }
    if (state_ == State::kBad && now == State::kGood) logger_.info("the store can be used again", {});
    if (state_ != State::kUnknown || now == State::kGood) state_ = now;
    if (!concerned_ && !store.concern.empty()) {
      logger_.warn("the store needs attention", {{"concern", store.concern}});
    }
    if (concerned_ && store.concern.empty()) logger_.info("the store is in order again", {});
    concerned_ = !store.concern.empty();
  }

 private:
  enum class State { kUnknown, kGood, kBad };
  log::Logger logger_;
  State state_ = State::kUnknown;
  bool concerned_ = false;
};

}  // namespace ghstats::app
