#include "app/leader_notices.h"

#include <fmt/format.h>

#include <functional>
#include <sstream>
#include <utility>

#include "async/deadline.h"
#include "upkeep/housekeeping.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using async::Task;

constexpr int kFormat = 1;
constexpr auto kTellInterval = 10s;
constexpr const char* kCurrent = "leader/current";
constexpr const char* kLast = "leader/last";

// "1 42 1790000000 1790000300 host why it ended": format, epoch, began, ended (0: it lasts), replica, and the rest.
std::string to_text(const LeadershipNotice& notice) {
  return fmt::format("{} {} {} {} {} {}", kFormat, notice.epoch, to_unix_seconds(notice.began),
                     notice.ended ? to_unix_seconds(*notice.ended) : 0, notice.replica, notice.why);
}

std::optional<LeadershipNotice> from_text(const std::string& text) {
  std::istringstream in(text);
  int format = 0;
  std::int64_t began = 0;
  std::int64_t ended = 0;
  LeadershipNotice notice;
  if (!(in >> format >> notice.epoch >> began >> ended >> notice.replica) || format != kFormat) return std::nullopt;
  notice.began = from_unix_seconds(began);
  if (ended != 0) notice.ended = from_unix_seconds(ended);
  in.get();
  std::getline(in, notice.why);
  return notice;
}

}  // namespace

Task<> tell_leadership(store::MetricStore& store, LeadershipNotice notice, async::Sleeper sleep) {
  for (;;) {
    const Status told = co_await store.announce({kCurrent, kLeadershipLasts, to_text(notice)});
    const Status slept = co_await sleep(told ? kTellInterval : 1s);
    if (!slept) co_return;
  }
}

Task<> tell_end(store::MetricStore& store, LeadershipNotice notice) {
  const std::function<Task<Status>()> tell = [&]() -> Task<Status> {
    store::Batch gauge;
    gauge.value_sets = {upkeep::leader_gauge(notice.replica, false)};
    // Refused when another one leads already, whose gauge it is then.
    co_await store.commit(std::move(gauge), {Role::kLeader, store::Source::kLeaderScrape, notice.epoch});
    co_return co_await store.announce({kLast, kEndIsKnown, to_text(notice)});
  };
  co_await async::with_deadline<void>(tell, 1s);
}

Task<Result<KnownLeaderships>> known_leaderships(Announced announced) {
  const auto notices = co_await announced({kCurrent, kLast});
  if (!notices) co_return fail(notices.error());
  KnownLeaderships known;
  for (const store::Notice& notice : *notices) {
    (notice.name == kCurrent ? known.current : known.last) = from_text(notice.text);
  }
  // It is told for a while after its end.
  if (known.current && known.last && known.current->epoch == known.last->epoch) known.current.reset();
  co_return known;
}

}  // namespace ghstats::app
