// What somebody who can push commits, or a server, could choose so that every step costs as much as all before it.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <random>
#include <vector>

#include "ledger/event_table.h"
#include "ledger/ledger.h"

namespace ghstats::ledger {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = from_unix_seconds(1'790'000'020);  // 40 s into its minute
constexpr std::size_t kMany = 20'000;                     // enough to tell a square from a line, with sanitizers, too

std::string hex(std::uint64_t number, std::size_t digits) {
  std::string out;
  for (; out.size() < digits; number >>= 4U) out += "0123456789abcdef"[number & 15U];
  std::ranges::reverse(out);
  return out;
}

// 40 digits of which the first `shared` are the same for all.
std::string sha(std::size_t number, std::size_t shared) {
  std::string out(shared, '7');
  return out + hex(number, 40 - shared);
}

std::string random_sha(std::mt19937_64& random) {
  return hex(random(), 16) + hex(random(), 16) + hex(random(), 8);
}

Event commit(std::string id, std::string user = "ann", TimePoint at = kNow - 1h, TimePoint version = kNow) {
  return Event{EventKind::kCommit, RepoId{7}, std::move(id), std::move(user), at, version};
}

// Of this thread, so that a busy machine does not count.
double cpu_seconds(const auto& work) {
  const auto now = [] {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
  };
  const double begin = now();
  work();
  return now() - begin;
}

// The most keys that fall into one of 65,536 places.
std::size_t worst_crowd(const std::vector<EventKey>& keys) {
  std::vector<std::size_t> places(1U << 16U);
  for (const EventKey& key : keys) ++places[hash_of(key, process_hash_key()) & 0xffffU];
  return *std::ranges::max_element(places);
}

TEST(LedgerCost, CommitsThatShareTheirFirstBytesSpreadLikeRandomOnes) {
  std::mt19937_64 random(1);
  std::vector<EventKey> keys(150'000);
  for (EventKey& key : keys) std::ranges::generate(key.id, [&] { return static_cast<std::uint8_t>(random()); });
  EXPECT_LT(worst_crowd(keys), 25U);
  for (const std::size_t shared : {8U, 16U}) {
    for (EventKey& key : keys) {
      std::ranges::fill(key.id, 0x77);
      for (std::size_t i = 0; i < 4; ++i) {
        key.id[shared + i] = static_cast<std::uint8_t>((&key - keys.data()) >> (8 * i));
      }
    }
    EXPECT_LT(worst_crowd(keys), 25U) << shared;
  }
}

TEST(LedgerCost, TakesInCommitsThatShareTheirFirstBytesAsFastAsRandomOnes) {
  const auto take_in = [](const std::vector<std::string>& ids) {
    return cpu_seconds([&] {
      Ledger ledger({}, kNow);
      for (const std::string& id : ids) ledger.insert(commit(id));
      EXPECT_EQ(ledger.event_count(), kMany);
    });
  };
  std::mt19937_64 random(1);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kMany; ++i) ids.push_back(random_sha(random));
  const double usual = take_in(ids);
  for (std::size_t i = 0; i < kMany; ++i) ids[i] = sha(i, 16);
  EXPECT_LT(take_in(ids), 5 * usual + 0.1);
}

// An imported or rebased history has all its commits in one minute. Its author changes the login, then it grows old.
TEST(LedgerCost, ManyEventsOfOneMinuteChangeTheirUserAndLeaveAsFastAsOthers) {
  const auto live = [](std::chrono::seconds spread) {
    return cpu_seconds([&] {
      Ledger ledger({}, kNow);
      const auto tell = [&](const char* user, TimePoint version) {
        for (std::size_t i = 0; i < kMany; ++i) {
          const TimePoint at = kNow - 1h - std::chrono::seconds{static_cast<std::int64_t>(i) % spread.count()};
          ledger.insert(commit(sha(i, 0), user, at, version));
        }
      };
      tell("ann", kNow);
      tell("anna", kNow + 1s);
      EXPECT_EQ(ledger.row(*ledger.find_row(RepoId{7}, "ann")).last_event, std::nullopt);
      EXPECT_EQ(ledger.row(*ledger.find_row(RepoId{7}, "anna")).count[0], kMany);
      ledger.advance(kNow + 72h);
      EXPECT_EQ(ledger.event_count(), 0U);
    });
  };
  const double usual = live(std::chrono::hours{10});
  EXPECT_LT(live(std::chrono::seconds{1}), 5 * usual + 0.1);
  EXPECT_LT(live(std::chrono::seconds{40}), 5 * usual + 0.1);
}

TEST(LedgerCost, ManyUsersOfOneMinuteEndAsFastAsOthers) {
  const auto live = [](std::chrono::seconds spread) {
    return cpu_seconds([&] {
      Ledger ledger({}, kNow);
      for (std::size_t i = 0; i < kMany; ++i) {
        const TimePoint at = kNow - 1h - std::chrono::seconds{static_cast<std::int64_t>(i) % spread.count()};
        ledger.insert(commit(sha(i, 0), "user" + std::to_string(i), at));
      }
      ledger.advance(kNow + 721h);
      ledger.take_changed();
      EXPECT_EQ(ledger.row_count(), 0U);
    });
  };
  const double usual = live(std::chrono::hours{10});
  EXPECT_LT(live(std::chrono::seconds{1}), 5 * usual + 0.1);
}

}  // namespace
}  // namespace ghstats::ledger
