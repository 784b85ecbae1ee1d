#include "app/give_back.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <utility>

#include "store/retell.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using async::Task;

constexpr auto kRetryInterval = 1s;

// Both threads hold it, because the one that waits may be cancelled.
struct Recollection {
  explicit Recollection(const boost::asio::any_io_executor& executor) : arrived(executor) {}
  async::Watch arrived;
  store::ChangeSet set;
};

Task<Result<store::ChangeSet>> recall(ServingThread& serving) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto answer = std::make_shared<Recollection>(executor);
  serving.recall([answer, executor](store::ChangeSet set) {
    boost::asio::post(executor, [answer, set = std::move(set)]() mutable {
      answer->set = std::move(set);
      answer->arrived.bump();
    });
  });
  const Status arrived = co_await answer->arrived.wait_beyond(0);
  if (!arrived) co_return fail(arrived.error());
  co_return std::move(answer->set);
}

bool is_over(const Status& told) {
  return !told && (told.error().code == ErrorCode::kCancelled || told.error().code == ErrorCode::kSuperseded);
}

}  // namespace

Task<> give_back_for_ever(store::MetricStore& store, async::Watch& returned, ServingThread& serving,
                          store::Authority authority, log::Logger logger, async::Sleeper sleep) {
  for (std::uint64_t seen = returned.version();;) {
    const Status waited = co_await returned.wait_beyond(seen);
    if (!waited) co_return;
    seen = returned.version();
    for (bool complained = false;;) {
      auto remembered = co_await recall(serving);
      if (!remembered) co_return;
      const std::size_t events = remembered->events.size();
      const Status told = co_await store::retell(store, *std::move(remembered), authority);
      if (is_over(told)) co_return;
      if (told) {
        logger.info("the store has been told again what may be lost", {{"events", events}});
        break;
      }
      if (!std::exchange(complained, true)) {
        logger.warn("the store does not take what it may have lost", {{"error", told.error().message}});
      }
      const Status slept = co_await sleep(kRetryInterval);
      if (!slept) co_return;
    }
  }
}

}  // namespace ghstats::app
