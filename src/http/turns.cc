#include "http/turns.h"

#include <utility>

namespace ghstats::http {
namespace {

// So many may come before a turn is given all the same.
constexpr int kFirstLetIn = 64;

}  // namespace

void TurnOrder::ask(const std::string& holder, Id id) {
  std::deque<Id>& own = waiting_[holder];
  if (own.empty()) round_.push_back(holder);
  own.push_back(id);
}

std::optional<TurnOrder::Id> TurnOrder::next() {
  if (round_.empty()) return std::nullopt;
  std::string holder = std::move(round_.front());
  round_.pop_front();
  const auto own = waiting_.find(holder);
  const Id id = own->second.front();
  own->second.pop_front();
  if (own->second.empty()) {
    waiting_.erase(own);
  } else {
    round_.push_back(std::move(holder));
  }
  return id;
}

Turns::Turns(boost::asio::any_io_executor executor) : executor_(executor), asked_(std::move(executor)) {}

async::Task<bool> Turns::wait(std::string holder) {
  async::Watch given(executor_);
  const TurnOrder::Id id = ++last_id_;
  waiting_.emplace(id, &given);
  order_.ask(holder, id);
  asked_.bump();
  const auto status = co_await given.wait_beyond(0);
  waiting_.erase(id);
  co_return status.has_value();
}

async::Task<> Turns::run() {
  for (;;) {
    const auto seen = asked_.version();
    if (order_.empty()) {
      const auto woken = co_await asked_.wait_beyond(seen);
      if (!woken) co_return;
    }
    // While there are more they come one in each pass.
    for (int i = 0; i < kFirstLetIn; ++i) {
      const std::size_t before = arrivals_;
      co_await async::yield();
      if (arrivals_ == before) break;
    }
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    const auto next = order_.next();
    const auto waiter = next ? waiting_.find(*next) : waiting_.end();
    if (waiter != waiting_.end()) waiter->second->bump();
  }
}

}  // namespace ghstats::http
