#include "copilot/tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace ghstats::copilot {
namespace {

using metrics::Family;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::size_t kAdded = 5;

struct OneUsage {
  explicit OneUsage(std::uint64_t added, std::string_view day = {}) {
    usage.day = day;
    usage.counters.set(kAdded, added);
  }
  [[nodiscard]] Record of(std::string_view login, std::string_view id = {}) const {
    return {.user_login = login, .user_id = id, .usages = std::span(&usage, 1)};
  }
  Usage usage;
};

std::optional<DropReason> add(Tally& tally, std::string_view login, std::uint64_t added, std::string_view day = {},
                              std::string_view id = {}) {
  return tally.add(OneUsage(added, day).of(login, id));
}

metrics::Sample added_by(std::string user, double value, std::string day = "") {
  return {{Family::kCopilotLocAdded, {"acme", "*", std::move(user), "users", "28d", "", "", "", "", std::move(day)}},
          value};
}

Tally users(ReportOptions options = {}) {
  return {ReportKind::kOrgUsers28Days, "acme", std::move(options)};
}

TEST(Tally, AddsUpTheLinesOfAUser) {
  Tally tally = users();
  EXPECT_EQ(add(tally, "octocat", 2, "2025-10-01"), std::nullopt);
  EXPECT_EQ(add(tally, "hubot", 5, "2025-10-01"), std::nullopt);
  EXPECT_EQ(add(tally, "octocat", 3, "2025-10-02"), std::nullopt);
  EXPECT_THAT(tally.samples(), UnorderedElementsAre(added_by("octocat", 5), added_by("hubot", 5)));
  EXPECT_EQ(tally.taken(), 3U);
}

TEST(Tally, TellsEachDayWhereThatIsSwitchedOn) {
  Tally tally = users({.day_label = true});
  add(tally, "octocat", 2, "2025-10-01");
  add(tally, "octocat", 3, "2025-10-02");
  add(tally, "octocat", 4);
  EXPECT_THAT(tally.samples(), UnorderedElementsAre(added_by("octocat", 2, "2025-10-01"),
                                                    added_by("octocat", 3, "2025-10-02"), added_by("octocat", 4)));
}

TEST(Tally, LabelsUsersAsAsked) {
  const auto labelled = [](UserLabel label) {
    Tally tally = users({.user_label = label, .hash_key = "Jefe"});
    add(tally, "what do ya want for nothing?", 1, {}, "17");
    return tally.samples();
  };
  EXPECT_THAT(labelled(UserLabel::kLogin), ElementsAre(added_by("what do ya want for nothing?", 1)));
  EXPECT_THAT(labelled(UserLabel::kId), ElementsAre(added_by("17", 1)));
  // RFC 4231, test case 2.
  EXPECT_THAT(labelled(UserLabel::kHashed),
              ElementsAre(added_by("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", 1)));
  EXPECT_THAT(labelled(UserLabel::kNone), ElementsAre(added_by("", 1)));
}

TEST(Tally, HashesEveryUserAnew) {
  Tally tally = users({.user_label = UserLabel::kHashed, .hash_key = "0123456789abcdef"});
  for (const std::string_view login : {"a", "b", "a", "c"}) add(tally, login, 1);
  EXPECT_THAT(tally.samples(), UnorderedElementsAre(added_by(hashed_user("0123456789abcdef", "a"), 2),
                                                    added_by(hashed_user("0123456789abcdef", "b"), 1),
                                                    added_by(hashed_user("0123456789abcdef", "c"), 1)));
}

TEST(Tally, DropsAUserWhoseLabelCannotBeTold) {
  Tally by_login = users();
  EXPECT_EQ(add(by_login, "", 1, {}, "17"), DropReason::kMissingField);
  Tally hashed = users({.user_label = UserLabel::kHashed, .hash_key = "key"});
  EXPECT_EQ(add(hashed, "", 1, {}, "17"), DropReason::kMissingField);
  Tally by_id = users({.user_label = UserLabel::kId});
  EXPECT_EQ(add(by_id, "octocat", 1), DropReason::kMissingField);
  EXPECT_THAT(by_id.samples(), IsEmpty());
  EXPECT_EQ(by_id.taken(), 0U);
  Tally together = users({.user_label = UserLabel::kNone});
  EXPECT_EQ(add(together, "", 1), std::nullopt);
}

TEST(Tally, TakesTheFirstUsersAndAllTheirRecords) {
  for (const UserLabel label : {UserLabel::kLogin, UserLabel::kId, UserLabel::kNone}) {
    Tally tally = users({.user_label = label, .max_users = 2});
    EXPECT_EQ(add(tally, "a", 1, {}, "1"), std::nullopt);
    EXPECT_EQ(add(tally, "b", 1, {}, "2"), std::nullopt);
    EXPECT_EQ(add(tally, "c", 1, {}, "3"), DropReason::kUserLimit);
    EXPECT_EQ(add(tally, "a", 1, {}, "1"), std::nullopt);
    EXPECT_EQ(add(tally, "c", 1, {}, "3"), DropReason::kUserLimit);
    EXPECT_EQ(tally.taken(), 3U);
    double sum = 0;
    for (const metrics::Sample& sample : tally.samples()) sum += sample.value;
    EXPECT_EQ(sum, 3);
  }
}

TEST(Tally, TakesTheFirstRecords) {
  Tally tally = users({.max_records = 2});
  EXPECT_FALSE(tally.is_full());
  EXPECT_EQ(add(tally, "a", 1), std::nullopt);
  EXPECT_EQ(add(tally, "", 1), DropReason::kMissingField) << "is none of them";
  EXPECT_EQ(add(tally, "a", 1), std::nullopt);
  EXPECT_TRUE(tally.is_full());
  EXPECT_EQ(add(tally, "a", 1), DropReason::kRecordLimit);
  EXPECT_THAT(tally.samples(), ElementsAre(added_by("a", 2)));
}

TEST(Tally, ShowsPullRequestsOfEntitiesWhereSwitchedOn) {
  Usage usage;
  usage.day = "2025-10-01";
  usage.counters.set(kAdded, 1);
  usage.pull_requests.set(0, 7);
  usage.pull_requests.set(2, 3);
  const std::array usages = {usage, usage};
  const auto shown = [&](bool pull_requests, bool day_label) {
    Tally tally(ReportKind::kEnterprise28Days, "acme-inc", {.pull_requests = pull_requests, .day_label = day_label});
    EXPECT_EQ(tally.add({.usages = usages}), std::nullopt);
    auto samples = tally.samples();
    std::erase_if(samples, [](const metrics::Sample& s) { return s.key.family == Family::kCopilotLocAdded; });
    return samples;
  };
  const std::vector<std::string> labels = {"acme-inc", "*", "", "enterprise", "28d", "", "", "", "", ""};
  EXPECT_THAT(shown(true, false),
              UnorderedElementsAre(metrics::Sample{{Family::kCopilotPullRequestsCreated, labels}, 14},
                                   metrics::Sample{{Family::kCopilotPullRequestsCreatedByCopilot, labels}, 6}));
  EXPECT_EQ(shown(true, true)[0].key.labels.back(), "2025-10-01");
  EXPECT_THAT(shown(false, false), IsEmpty());
}

TEST(Tally, HasALabelForEachOfTheCatalogue) {
  Tally tally = users({.breakdowns = kFeature, .day_label = true});
  OneUsage one(1, "2025-10-01");
  one.usage.arrays[index_of(Array::kFeature)] = {{{.feature = "chat"}, one.usage.counters}};
  tally.add(one.of("octocat"));
  const auto samples = tally.samples();
  ASSERT_EQ(samples.size(), 1U);
  const auto names = metrics::info(samples[0].key.family).labels;
  ASSERT_EQ(names.size(), samples[0].key.labels.size());
  const auto value = [&](std::string_view name) {
    return samples[0].key.labels[static_cast<std::size_t>(std::ranges::find(names, name) - names.begin())];
  };
  EXPECT_EQ(value("org"), "acme");
  EXPECT_EQ(value("repo"), "*");
  EXPECT_EQ(value("user"), "octocat");
  EXPECT_EQ(value("scope"), "users");
  EXPECT_EQ(value("window"), "28d");
  EXPECT_EQ(value("feature"), "chat");
  EXPECT_EQ(value("day"), "2025-10-01");
  EXPECT_EQ(value("ide") + value("language") + value("model"), "");
}

TEST(Tally, KnowsTheDaysOfTheReport) {
  Tally tally = users();
  EXPECT_EQ(tally.first_day(), "");
  add(tally, "a", 1, "2025-10-05");
  add(tally, "a", 1, "2025-10-02");
  add(tally, "a", 1);
  EXPECT_EQ(tally.first_day(), "2025-10-02");
  EXPECT_EQ(tally.last_day(), "2025-10-05");
  const OneUsage usage(1, "2025-10-07");
  Record whole = usage.of("a");
  whole.report_start_day = "2025-09-10";
  whole.report_end_day = "2025-10-06";
  tally.add(whole);
  EXPECT_EQ(tally.first_day(), "2025-09-10");
  EXPECT_EQ(tally.last_day(), "2025-10-06") << "as the report says";
}

TEST(Tally, KeepsSumsThatDoNotFitAtTheLargestNumber) {
  Tally tally = users();
  add(tally, "a", kSaturated);
  add(tally, "a", 2);
  EXPECT_THAT(tally.samples(), ElementsAre(added_by("a", 18446744073709551616.0)));
}

}  // namespace
}  // namespace ghstats::copilot
