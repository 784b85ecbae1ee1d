// What the decisions claim, against what happened.
#include <gtest/gtest.h>

#include <random>

#include "activity/changes/testing/model_collection.h"

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using testing::ModelCollection;
using testing::ModelOrg;
using testing::ModelRepository;
using testing::ModelStore;
using testing::Trouble;

const TimePoint kStart = from_unix_seconds(1'790'000'000);
const WindowPolicy kWindows{.window = 2h, .linger = 10min};
constexpr Trouble kNone{};

// What happened until then, as far as it can still be seen. A commit that a forced push took away since then may have
// been gone before anybody asked.
std::set<std::string> truth(const ModelRepository& repository, Aspect aspect, TimePoint oldest, TimePoint until) {
  std::set<std::string> out;
  if (aspect == Aspect::kCommits) {
    const auto head = repository.head_at(until);
    if (!head) return out;
    std::set<std::size_t> kept = repository.reachable(*head);
    for (auto later = repository.heads.upper_bound(until); later != repository.heads.end(); ++later) {
      const std::set<std::size_t> there = repository.reachable(later->second);
      std::erase_if(kept, [&](std::size_t c) { return !there.contains(c); });
    }
    for (const std::size_t c : kept) {
      if (repository.commits[c].committed_at >= oldest) out.insert(repository.key_of(c));
    }
    return out;
  }
  for (const auto& item : repository.items[index_of(aspect)]) {
    for (const auto& event : item) {
      if (event.at >= oldest && event.at <= until) out.insert(event.key);
    }
  }
  return out;
}

class World {
 public:
  explicit World(std::uint32_t seed) : random_(seed), org(random_, kStart), collection(random_, org, kWindows) {}

  std::uint32_t roll(std::uint32_t sides) { return static_cast<std::uint32_t>(random_() % sides); }

  void live() {
    for (std::uint32_t i = roll(6); i > 0; --i) {
      org.do_something();
      org.pass(std::chrono::seconds(roll(90)));
    }
    if (roll(60) == 0) org.pass(std::chrono::hours(roll(40)));  // nobody collected
    if (roll(15) == 0) collection.restart();
    if (roll(25) == 0) collection.forgotten = collection.store;
    if (roll(40) == 0 && collection.forgotten) collection.store = *collection.forgotten;
  }

  // Nothing is claimed that is not in the store. GitHub's replicas lag by less than a settled time.
  ::testing::AssertionResult claims_are_true() {
    const TimePoint oldest = oldest_visible(kWindows, org.now());
    for (const auto& [id, repository] : org.repositories()) {
      if (!repository.is_ours()) continue;
      for (const Aspect aspect : kAspects) {
        const auto until = collected_until(collection.store.coverage, id, aspect, org.now() + 1min);
        if (!until) continue;
        for (const std::string& key : truth(repository, aspect, oldest, *until - kSettled)) {
          if (!collection.store.events.contains(key)) {
            return ::testing::AssertionFailure() << key << " of aspect " << index_of(aspect) << " of " << to_number(id);
          }
        }
      }
    }
    return ::testing::AssertionSuccess();
  }

  // Everything is claimed as of `began`.
  ::testing::AssertionResult all_is_claimed(TimePoint began) {
    for (const auto& [id, repository] : org.repositories()) {
      for (const Aspect aspect : kAspects) {
        const auto until = collected_until(collection.store.coverage, id, aspect, org.now() + 1min);
        if (repository.is_ours() && until < began) {
          return ::testing::AssertionFailure() << "aspect " << index_of(aspect) << " of " << to_number(id);
        }
        if (!repository.is_ours() && until) return ::testing::AssertionFailure() << to_number(id) << " has left";
      }
    }
    return ::testing::AssertionSuccess();
  }

 private:
  std::mt19937 random_;

 public:
  ModelOrg org;
  ModelCollection collection;
};

TEST(ChangesProperty, ClaimsNothingThatIsNotCollectedWhateverFails) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    World world(seed);
    for (int step = 0; step < 120; ++step) {
      world.live();
      const Trouble trouble{
          .refused_head = 9, .refused_list = 5, .failed_search = 9, .hidden_by_paging = 7, .forgetful_store = 20};
      world.collection.cycle(trouble);
      ASSERT_TRUE(world.claims_are_true()) << "seed " << seed << " step " << step;
    }
  }
}

TEST(ChangesProperty, AReconcileWithoutFailuresCollectsEverythingThatHappened) {
  int reconciles = 0;
  for (std::uint32_t seed = 100; seed < 140; ++seed) {
    World world(seed);
    for (int step = 0; step < 120; ++step) {
      world.live();
      const bool trouble = world.roll(3) == 0;
      const TimePoint began = world.org.now();
      world.collection.cycle(trouble ? Trouble{.refused_head = 4, .refused_list = 3, .failed_search = 3} : kNone);
      ASSERT_TRUE(world.claims_are_true()) << "seed " << seed << " step " << step;
      if (trouble || !world.collection.reconciled) continue;
      ++reconciles;
      ASSERT_TRUE(world.all_is_claimed(began)) << "seed " << seed << " step " << step;
    }
  }
  EXPECT_GT(reconciles, 300);
}

TEST(ChangesProperty, AReconcileOfAQuietOrganisationAsksNothing) {
  for (std::uint32_t seed = 200; seed < 220; ++seed) {
    World world(seed);
    for (int step = 0; step < 30; ++step) world.live();
    world.collection.busy = false;
    for (int calm = 0; calm < 6; ++calm) {
      world.org.pass(20min);
      world.collection.cycle(kNone);
    }
    const std::size_t before = world.collection.asked;
    world.org.pass(20min);
    world.collection.cycle(kNone);
    EXPECT_TRUE(world.collection.reconciled);
    EXPECT_EQ(world.collection.asked, before) << "seed " << seed;
  }
}

}  // namespace
}  // namespace ghstats::activity
