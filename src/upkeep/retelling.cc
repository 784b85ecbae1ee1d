#include "upkeep/retelling.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <utility>

#include "log/attempts.h"
#include "store/retell.h"

namespace ghstats::upkeep {
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

Task<Result<store::ChangeSet>> recall(exposition::ServedView& view) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto answer = std::make_shared<Recollection>(executor);
  view.recall([answer, executor](store::ChangeSet set) {
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
  return !told && told.error().code == ErrorCode::kCancelled;
}

}  // namespace

Task<> retell_for_ever(store::MetricStore& store, async::Watch& returned, std::uint64_t& retold,
                       exposition::ServedView& view, store::Authority authority, log::Logger logger,
                       async::Sleeper sleep) {
  log::Attempts attempts(logger, "the store does not take what it may have lost");
  bool given = true;
  for (;;) {
    const Status waited = given ? co_await returned.wait_beyond(retold) : co_await sleep(kRetryInterval);
    if (!waited) co_return;
    // Recalling everything is not cheap.
    if (!given && !store.health().healthy) continue;
    const std::uint64_t seen = returned.version();
    auto remembered = co_await recall(view);
    if (!remembered) co_return;
    if (authority.role == Role::kFollower) remembered->events.clear();
    const std::size_t events = remembered->events.size();
    const Status told = co_await store::retell(store, *std::move(remembered), authority);
    if (is_over(told)) co_return;
    attempts.ended(told);
    given = told.has_value();
    if (given) retold = seen;
    if (given) logger.info("the store has been told again what it may have lost", {{"events", events}});
  }
}

}  // namespace ghstats::upkeep
