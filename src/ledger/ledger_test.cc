#include "ledger/ledger.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "base/testing/fake_clock.h"

namespace ghstats::ledger {
namespace {

using namespace std::chrono_literals;

constexpr RepoId kRepo{7};
const TimePoint kNow = from_unix_seconds(1'790'000'000);

Event make_event(EventKind kind, std::string id, std::string user, TimePoint at, TimePoint version = kNow) {
  return Event{kind, kRepo, std::move(id), std::move(user), at, version};
}

// The only row that changed.
Row only_changed(Ledger& ledger) {
  const auto changed = ledger.take_changed();
  EXPECT_EQ(changed.size(), 1U);
  return ledger.row(changed.at(0));
}

TEST(Ledger, CountsEachEventOnceHoweverOftenItIsTold) {
  Ledger ledger({}, kNow);
  const Event event = make_event(EventKind::kReview, "80", "ann", kNow - 1h);
  EXPECT_EQ(ledger.insert(event), Insertion::kNew);
  EXPECT_EQ(ledger.insert(event), Insertion::kKnown);
  const Row row = only_changed(ledger);
  EXPECT_EQ(row.user, "ann");
  EXPECT_EQ(row.repo, kRepo);
  EXPECT_EQ(row.count, (std::array<std::uint32_t, kEventKinds>{0, 0, 0, 1}));
  EXPECT_EQ(row.last_event, kNow - 1h);
}

TEST(Ledger, SameNumberOfAnotherKindOrRepositoryIsAnotherEvent) {
  Ledger ledger({}, kNow);
  EXPECT_EQ(ledger.insert(make_event(EventKind::kPullRequestOpened, "5", "ann", kNow - 2h)), Insertion::kNew);
  EXPECT_EQ(ledger.insert(make_event(EventKind::kPullRequestMerged, "5", "ann", kNow - 1h)), Insertion::kNew);
  Event elsewhere = make_event(EventKind::kPullRequestOpened, "5", "ann", kNow - 2h);
  elsewhere.repo = RepoId{8};
  EXPECT_EQ(ledger.insert(elsewhere), Insertion::kNew);
  EXPECT_EQ(ledger.row_count(), 2U);
}

TEST(Ledger, FallsToZeroAtTheExactSecondLingersAndEnds) {
  Ledger ledger({}, kNow);
  ledger.insert(make_event(EventKind::kCommit, std::string(40, 'a'), "ann", kNow));
  EXPECT_EQ(only_changed(ledger).count[0], 1U);
  ledger.advance(kNow + 24h - 1s);
  EXPECT_TRUE(ledger.take_changed().empty());
  ledger.advance(kNow + 24h);
  Row row = only_changed(ledger);
  EXPECT_EQ(row.count[0], 0U);
  EXPECT_TRUE(row.exported[0]);
  ledger.advance(kNow + 25h - 1s);
  EXPECT_TRUE(ledger.take_changed().empty());
  ledger.advance(kNow + 25h);
  row = only_changed(ledger);
  EXPECT_FALSE(row.exported[0]);
  EXPECT_EQ(row.last_event, kNow);
}

TEST(Ledger, AnEventFromTheFutureCountsWhenItsTimeComes) {
  Ledger ledger({}, kNow);
  ledger.insert(make_event(EventKind::kCommit, std::string(40, 'a'), "ann", kNow + 10s));
  EXPECT_TRUE(ledger.take_changed().empty());
  ledger.advance(kNow + 10s);
  const Row row = only_changed(ledger);
  EXPECT_EQ(row.count[0], 1U);
  EXPECT_EQ(row.last_event, kNow + 10s);
}

TEST(Ledger, ANewerTellingMovesTheEventAnOlderOneDoesNot) {
  Ledger ledger({}, kNow);
  ledger.insert(make_event(EventKind::kReview, "80", "ann", kNow - 1h, kNow));
  ledger.take_changed();
  EXPECT_EQ(ledger.insert(make_event(EventKind::kReview, "80", "ghost", kNow - 1h, kNow - 1s)), Insertion::kKnown);
  EXPECT_TRUE(ledger.take_changed().empty());
  EXPECT_EQ(ledger.insert(make_event(EventKind::kReview, "80", "ghost", kNow - 1h, kNow + 1s)), Insertion::kChanged);
  std::map<std::string, std::uint32_t, std::less<>> counts;
  for (const RowIndex i : ledger.take_changed()) counts[std::string(ledger.row(i).user)] = ledger.row(i).count[3];
  EXPECT_EQ(counts, (std::map<std::string, std::uint32_t, std::less<>>{{"ann", 0}, {"ghost", 1}}));
}

TEST(Ledger, ARowEndsWhenRetentionDoesAndItsIndexIsReused) {
  Ledger ledger({}, kNow);
  ledger.insert(make_event(EventKind::kReview, "80", "ann", kNow));
  const RowIndex index = ledger.take_changed().at(0);
  ledger.advance(kNow + 720h - 1s);
  ledger.take_changed();
  EXPECT_EQ(ledger.row(index).last_event, kNow);
  ledger.advance(kNow + 720h);
  EXPECT_EQ(only_changed(ledger).last_event, std::nullopt);
  EXPECT_EQ(ledger.row_count(), 0U);
  EXPECT_EQ(ledger.event_count(), 0U);
  ledger.insert(make_event(EventKind::kReview, "81", "bob", kNow + 720h));
  EXPECT_EQ(ledger.take_changed(), std::vector<RowIndex>{index});
  EXPECT_EQ(ledger.row(index).user, "bob");
}

TEST(Ledger, TooOldToCountStillMovesTheLastEvent) {
  Ledger ledger({}, kNow);
  EXPECT_EQ(ledger.insert(make_event(EventKind::kReview, "80", "ann", kNow - 240h)), Insertion::kTooOld);
  const Row row = only_changed(ledger);
  EXPECT_EQ(row.last_event, kNow - 240h);
  EXPECT_FALSE(row.exported[3]);
  EXPECT_EQ(ledger.event_count(), 0U);
}

TEST(Ledger, WhatIsTakenBackWasNever) {
  Ledger ledger({}, kNow);
  ledger.insert(make_event(EventKind::kReview, "79", "ann", kNow - 2h));
  ledger.insert(make_event(EventKind::kIssueClosed, "80", "ann", kNow - 1h));
  ledger.take_changed();
  const Event taken_back = make_event(EventKind::kIssueClosed, "80", "bob", kTakenBack, kNow + 1s);
  EXPECT_EQ(ledger.insert(taken_back), Insertion::kChanged);
  EXPECT_EQ(ledger.insert(taken_back), Insertion::kKnown);
  EXPECT_EQ(ledger.insert(make_event(EventKind::kIssueClosed, "80", "ann", kNow - 1h)), Insertion::kKnown) << "older";
  const Row row = ledger.row(*ledger.find_row(kRepo, "ann"));
  EXPECT_EQ(row.count[static_cast<std::size_t>(EventKind::kIssueClosed)], 0U);
  EXPECT_FALSE(row.exported[static_cast<std::size_t>(EventKind::kIssueClosed)]);
  EXPECT_EQ(row.last_event, kNow - 2h);
  EXPECT_EQ(ledger.insert(make_event(EventKind::kIssueClosed, "80", "cy", kNow, kNow + 2s)), Insertion::kChanged);
  EXPECT_EQ(ledger.row(*ledger.find_row(kRepo, "cy")).count[static_cast<std::size_t>(EventKind::kIssueClosed)], 1U);
}

TEST(Ledger, TakingBackWhatNobodyKnowsLeavesNothing) {
  Ledger ledger({}, kNow);
  EXPECT_EQ(ledger.insert(make_event(EventKind::kIssueClosed, "80", "ann", kTakenBack)), Insertion::kKnown);
  ledger.advance(kNow + 1s);
  for (const RowIndex row : ledger.take_changed()) EXPECT_FALSE(ledger.row(row).last_event);
  EXPECT_EQ(ledger.row_count(), 0U);
  EXPECT_EQ(ledger.event_count(), 0U);
}

// A jump looks at everything anew; what it finds must be as good as what steps have counted.
TEST(Ledger, ALastEventThatIsTakenBackAfterAJumpIsNoLastEventAnyMore) {
  for (const TimePoint landed : {kNow + 3h, kNow - 3h}) {
    Ledger ledger({}, kNow);
    ledger.insert(make_event(EventKind::kReview, "79", "ann", landed - 2h));
    ledger.insert(make_event(EventKind::kReview, "80", "ann", landed - 1h));
    ledger.advance(landed);
    ledger.insert(make_event(EventKind::kReview, "80", "bob", landed - 1h, kNow + 1s));
    EXPECT_EQ(ledger.row(*ledger.find_row(kRepo, "ann")).last_event, landed - 2h);
    EXPECT_EQ(ledger.row(*ledger.find_row(kRepo, "bob")).last_event, landed - 1h);
  }
}

// The naive recount: everything ever told, counted from scratch.
class Recount {
 public:
  struct Told {
    std::string user;
    std::int64_t at;
    std::int64_t version;
  };
  using Key = std::tuple<EventKind, std::uint64_t, std::string>;

  void tell(const Event& event) {
    const Told told{event.user, to_unix_seconds(event.at), to_unix_seconds(event.version)};
    const auto [it, inserted] = events_.try_emplace({event.kind, to_number(event.repo), event.id}, told);
    if (!inserted &&
        std::tuple(told.version, told.at, told.user) > std::tuple(it->second.version, it->second.at, it->second.user)) {
      it->second = told;
    }
  }

  // One line per row and kind that must be exported, and the last events.
  [[nodiscard]] std::map<std::string, std::int64_t> numbers(std::int64_t now) const {
    std::map<std::string, std::int64_t> out;
    for (const auto& [key, told] : events_) {
      const auto& [kind, repo, id] = key;
      if (told.at > now) continue;
      const std::string row = std::to_string(repo) + "/" + told.user;
      const std::string series = row + "/" + std::string(to_string(kind));
      if (told.at > now - 90'000) out[series] += told.at > now - 86'400 ? 1 : 0;
      auto& last = out[row + "/last"];
      last = std::max(last, told.at);
    }
    return out;
  }

 private:
  std::map<Key, Told> events_;
};

// What the ledger says, kept up to date only through take_changed().
class Mirror {
 public:
  void follow(Ledger& ledger) {
    for (const RowIndex index : ledger.take_changed()) {
      const Row row = ledger.row(index);
      const std::string name = std::to_string(to_number(row.repo)) + "/" + std::string(row.user);
      for (const EventKind kind : kAllEventKinds) {
        const auto i = static_cast<std::size_t>(kind);
        const std::string series = name + "/" + std::string(to_string(kind));
        if (row.exported[i]) {
          numbers_[series] = row.count[i];
        } else {
          numbers_.erase(series);
        }
      }
      if (row.last_event) {
        numbers_[name + "/last"] = to_unix_seconds(*row.last_event);
      } else {
        numbers_.erase(name + "/last");
      }
    }
  }
  [[nodiscard]] const std::map<std::string, std::int64_t>& numbers() const { return numbers_; }

 private:
  std::map<std::string, std::int64_t> numbers_;
};

class LedgerTruth : public ::testing::TestWithParam<unsigned> {};

// Random inserts, duplicates, late and future events, edits and clock steps in both directions (within the memory of
// the ledger): after every step the numbers are those of the recount.
TEST_P(LedgerTruth, EqualsANaiveRecount) {
  std::mt19937 random(GetParam());
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  // Every other seed has many events of one person in the same second, as a rebase makes them.
  const std::chrono::seconds grain{GetParam() % 2 == 0 ? 900 : 1};
  Ledger ledger({}, kNow);
  Recount truth;
  Mirror mirror;
  std::vector<Event> told;
  TimePoint now = kNow;
  TimePoint latest = kNow;
  for (int operation = 0; operation < 50'000; ++operation) {
    if (below(100) < 97) {
      Event event;
      if (!told.empty() && below(3) == 0) {
        event = told[static_cast<std::size_t>(below(static_cast<int>(told.size())))];
        if (below(4) == 0) {  // an edit, possibly older or of the same age
          event.user = "user" + std::to_string(below(8));
          event.at += std::chrono::seconds{below(7200) - 3600};
          event.version += std::chrono::seconds{below(100) - 30};
        }
      } else {
        event.kind = kAllEventKinds[static_cast<std::size_t>(below(kEventKinds))];
        event.repo = RepoId{static_cast<std::uint64_t>(below(4))};
        event.id = std::to_string(below(1'000'000));
        event.user = "user" + std::to_string(below(8));
        event.at = now - std::chrono::seconds{below(30 * 3600) - 3600};
        event.version = now;
      }
      event.at -= event.at.time_since_epoch() % grain;
      if (event.at <= latest - 48h) continue;  // what the ledger may have forgotten, the recount must not be asked
      ledger.insert(event);
      truth.tell(event);
      if (told.size() < 2000) {
        told.push_back(event);
      } else {
        told[static_cast<std::size_t>(below(2000))] = event;
      }
    } else {
      const int kind = below(10);
      const auto step = kind == 0   ? std::chrono::seconds{-below(10 * 3600)}
                        : kind == 1 ? std::chrono::seconds{below(10 * 3600)}
                                    : std::chrono::seconds{below(300)};
      now = std::max(now + step, latest - 20h);
      latest = std::max(latest, now);
      ledger.advance(now);
    }
    if (operation % 2500 == 0 || below(2000) == 0) {
      mirror.follow(ledger);
      const auto expected = truth.numbers(to_unix_seconds(now));
      ASSERT_EQ(mirror.numbers(), expected) << "after operation " << operation;
    }
  }
  ledger.advance(latest + 26h);
  mirror.follow(ledger);
  EXPECT_EQ(mirror.numbers(), truth.numbers(to_unix_seconds(latest + 26h)));
}

INSTANTIATE_TEST_SUITE_P(Seeds, LedgerTruth, ::testing::Values(1U, 2U, 3U));

// The clock that shows may be wrong; only what has passed by every clock is forgotten.
TEST(LedgerWrongClock, WhatAWrongClockHidWasNotForgotten) {
  const TimePoint now = from_unix_seconds(1'790'000'000);
  for (const auto jump : {1h, 24h, 48h, 168h, 24h * 400, -24h * 400, -168h, -48h, -1h}) {
    Ledger ledger({}, now);
    for (int i = 0; i < 40; ++i) {
      ledger.insert({EventKind::kReview, RepoId{1}, std::to_string(i), "ann", now - i * 1h, now});
    }
    ledger.remember_last(RepoId{1}, "bob", now - 240h);
    (void)ledger.take_changed();
    const auto shown = [&] {
      std::vector<std::pair<std::uint32_t, std::optional<TimePoint>>> out;
      for (const std::string_view user : {"ann", "bob"}) {
        const auto index = ledger.find_row(RepoId{1}, user);
        if (!index) continue;
        const Row row = ledger.row(*index);
        out.emplace_back(row.count[3], row.last_event);
      }
      return out;
    };
    const auto before = shown();
    ASSERT_EQ(before.size(), 2U);
    ASSERT_EQ(before[0].first, 24U);
    for (int second = 0; second < 3; ++second) ledger.advance(now + jump + second * 1s, std::min(now, now + jump));
    if (std::chrono::abs(jump) > 1h) EXPECT_NE(shown(), before);
    EXPECT_FALSE(ledger.take_changed().empty());
    ledger.insert({EventKind::kReview, RepoId{1}, "new", "ann", now - 30min, now});
    ledger.advance(now, now);
    auto after = before;
    ++after[0].first;
    EXPECT_EQ(shown(), after) << jump.count();
    if (std::chrono::abs(jump) > 1h) EXPECT_FALSE(ledger.take_changed().empty()) << "a view must hear of it";
    EXPECT_EQ(ledger.event_count(), 41U);
    ledger.advance(now + 720h, now + 720h);
    EXPECT_EQ(ledger.event_count(), 0U);
  }
}

}  // namespace
}  // namespace ghstats::ledger
