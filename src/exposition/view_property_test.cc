// Random changes: a view that was told them one by one, one that loaded their sum, and the naive page must agree.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "exposition/testing/bodies.h"
#include "exposition/testing/naive_page.h"
#include "exposition/testing/openmetrics_checker.h"
#include "exposition/view.h"

namespace ghstats::exposition {
namespace {

using ledger::Event;
using metrics::Family;
using metrics::Format;
using std::chrono::hours;
using std::chrono::seconds;

const TimePoint kStart = from_unix_seconds(1'790'000'000);

// What the world does next. Few names, so that they collide.
class World {
 public:
  World(unsigned seed, bool clock_steps_back) : random_(seed), clock_steps_back_(clock_steps_back) {}

  [[nodiscard]] TimePoint now() const { return now_; }

  store::ChangeSet next() {
    store::ChangeSet changes;
    for (unsigned i = below(4); i > 0; --i) changes.events.push_back(below(4) == 0 ? told_again() : new_event());
    if (below(12) == 0) changes.repositories.push_back({repo(), "acme", "repo-" + std::to_string(below(9))});
    if (below(15) == 0) changes.value_sets.push_back(value_set());
    if (below(3) == 0) changes.counters.push_back(counter());
    return changes;
  }

  void pass_time() {
    latest_ = std::max(latest_, now_);
    switch (below(6)) {
      case 0:
        return;
      case 1:
        now_ += seconds(1);
        return;
      case 2:  // to an instant at which some event leaves the window, or ends
        if (!events_.empty()) {
          const Event& event = events_[below(static_cast<unsigned>(events_.size()))];
          const TimePoint edge = event.at + hours(24) + hours(below(2)) - seconds(below(2));
          if (edge > now_ && edge < now_ + hours(8)) now_ = edge;
        }
        return;
      case 3:
        // Never further in sum than a ledger remembers.
        if (clock_steps_back_ && now_ > latest_ - hours(18)) now_ -= seconds(below(7'200));
        return;
      default:
        now_ += seconds(below(1'500));
    }
  }

 private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  RepoId repo() { return RepoId{100 + below(8)}; }
  std::string user() {
    static const std::vector<std::string> users = {"octocat", "hubot[bot]", "a\"b", "back\\slash", "z\xC3\xA9"};
    return users[below(static_cast<unsigned>(users.size()))];
  }
  TimePoint moment() {
    const unsigned what = below(20);
    if (what == 0) return now_ + seconds(below(600));
    if (what == 1) return now_ - hours(24) + seconds(below(3)) - seconds(1);
    return now_ - seconds(below(what < 12 ? 7'200 : 90'000));
  }

  Event new_event() {
    const auto kind = ledger::kAllEventKinds[below(ledger::kEventKinds)];
    ++serial_;
    std::string id = std::to_string(serial_);
    if (kind == ledger::EventKind::kCommit) id = std::string(40 - id.size(), '0') + id;
    events_.push_back({.kind = kind, .repo = repo(), .id = id, .user = user(), .at = moment(), .version = kStart});
    return events_.back();
  }

  // Sometimes with other contents and a newer version; only what no ledger has forgotten yet.
  Event told_again() {
    if (events_.empty()) return new_event();
    Event& event = events_[below(static_cast<unsigned>(events_.size()))];
    if (event.at < now_ - hours(23) || below(2) == 0) return event;
    event.user = user();
    event.at = moment();
    event.version += seconds(1);
    return event;
  }

  store::ValueSet value_set() {
    store::ValueSet set{.slot = "slot-" + std::to_string(below(3)), .samples = {}};
    // Any rank, without a draw: what the seeds lead to stays as it is.
    if (serial_ % 2 == 0) set.edition = store::Edition{serial_ / 2 % 6, ""};
    if (below(5) == 0) return set;
    for (unsigned i = below(10) == 0 ? 900 : 20; i > 0; --i) {
      // Each slot has its own series: an organisation is named after it.
      set.samples.push_back(
          {{Family::kRateLimitRemaining, {set.slot, std::to_string(i * (1 + below(3)))}}, double(below(50)) / 4});
    }
    std::ranges::sort(set.samples, {}, &metrics::Sample::key);
    const auto repeated = std::ranges::unique(set.samples, {}, &metrics::Sample::key);
    set.samples.erase(repeated.begin(), repeated.end());
    return set;
  }

  metrics::Sample counter() {
    static const std::vector<std::string> parts = {"0.05", "1.0", "+Inf", "sum"};
    ++total_;
    if (below(2) == 0) return {{Family::kScrapeRuns, {"acme", "result-" + std::to_string(below(30))}}, total_};
    // Rising with the bound, as a histogram is.
    const unsigned part = below(4);
    return {{Family::kGitHubRequestDuration, {"endpoint-" + std::to_string(below(3)), parts[part]}},
            part == 2   ? 1e6 + total_
            : part == 1 ? 1e3 + total_ / 100
                        : total_ / 1e4};
  }

  std::mt19937 random_;
  bool clock_steps_back_;
  TimePoint now_ = kStart;
  TimePoint latest_ = kStart;
  std::vector<Event> events_;
  unsigned serial_ = 0;
  double total_ = 0;
};

std::string first_difference(const std::string& text, const std::string& expected) {
  const auto [a, b] = std::ranges::mismatch(text, expected);
  const auto line = [](const std::string& page, std::string::const_iterator at) {
    const auto index = static_cast<std::size_t>(at - page.begin());
    const std::size_t begin = index == 0 ? 0 : page.rfind('\n', index - 1) + 1;
    return page.substr(begin, page.find('\n', index) - begin);
  };
  return "\n  view:  " + line(text, a) + "\n  naive: " + line(expected, b);
}

void run_world(unsigned seed, bool clock_steps_back, seconds retention) {
  ledger::Ledger::Options windows;
  windows.retention = retention;
  World world(seed, clock_steps_back);
  testing::NaiveWorld naive(windows);
  View told(windows, world.now());
  for (int step = 0; step < 1'000; ++step) {
    const store::ChangeSet changes = world.next();
    told.apply(changes);
    naive.apply(changes);
    world.pass_time();
    if (step % 5 != 0) continue;

    const auto format = step % 2 == 0 ? Format::kText004 : Format::kOpenMetrics100;
    const Page page = told.render(world.now(), format, {});
    const std::string text = testing::join(page.identity());
    const std::string expected = naive.page(world.now(), format);
    ASSERT_TRUE(text == expected) << "step " << step << first_difference(text, expected);
    const auto unzipped = testing::gunzip(testing::join(page.gzip()));
    ASSERT_TRUE(unzipped) << unzipped.error();
    ASSERT_TRUE(*unzipped == text) << "step " << step;
    if (step % 50 == 0) {
      View loaded(windows, world.now());
      loaded.load(naive.snapshot(), world.now());
      ASSERT_TRUE(testing::join(loaded.render(world.now(), format, {}).identity()) == text) << "step " << step;
    }
    if (step % 250 == 5) ASSERT_EQ(testing::check_openmetrics(text), "");
  }
}

class ViewProperty : public ::testing::TestWithParam<unsigned> {};

TEST_P(ViewProperty, AgreesWithTheNaivePage) {
  run_world(GetParam(), false, hours(720));
}
TEST_P(ViewProperty, AgreesWhenTheClockStepsBack) {
  run_world(GetParam(), true, hours(720));
}
TEST_P(ViewProperty, AgreesWhenRowsEnd) {
  run_world(GetParam(), false, hours(50));
}

// With 10 and 12 corrections follow jumps.
INSTANTIATE_TEST_SUITE_P(Seeds, ViewProperty, ::testing::Values(1U, 2U, 10U, 12U));

}  // namespace
}  // namespace ghstats::exposition
