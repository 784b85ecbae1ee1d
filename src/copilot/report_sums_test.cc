// Whatever is switched on, a family's series sum to the report's total, once.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "copilot/report_reader.h"
#include "copilot/testing/generated_report.h"

namespace ghstats::copilot {
namespace {

using testing::Activity;
using testing::Arrays;
using testing::generate_report;
using testing::GeneratedReport;

constexpr LabelSet kEveryLabel = kIde | kFeature | kLanguage | kModel;
constexpr std::size_t kUserPlace = 2;
constexpr std::array<std::size_t, 4> kLabelPlaces = {5, 6, 7, 8};  // of kLabelRows
constexpr std::size_t kDayPlace = 9;

using Sums = std::map<std::string, double>;

Report read(ReportKind kind, const std::string& body, const ReportOptions& options, std::size_t piece = 1000) {
  ReportReader reader(kind, "acme", options);
  for (std::size_t i = 0; i < body.size(); i += piece) reader.push(std::string_view(body).substr(i, piece));
  reader.end_file();
  auto report = reader.finish();
  EXPECT_TRUE(report) << report.error().message;
  return report.value_or(Report{});
}

// By the label at `place`; a family that is not told has no entry.
Sums sums_of(const Report& report, metrics::Family family, std::size_t place) {
  Sums sums;
  for (const metrics::Sample& sample : report.samples) {
    if (sample.key.family == family) sums[sample.key.labels[place]] += sample.value;
  }
  return sums;
}

double total_of(const Report& report, metrics::Family family) {
  double sum = 0;
  for (const auto& [label, value] : sums_of(report, family, 0)) sum += value;
  return sum;
}

void expect_sums(const Report& report, const GeneratedReport& truth, const ReportOptions& options) {
  for (std::size_t i = 0; i < kCounters.size(); ++i) {
    EXPECT_EQ(total_of(report, kCounters[i].family), static_cast<double>(truth.counters.values[i]))
        << kCounters[i].field;
  }
  for (std::size_t i = 0; i < kPullRequestCounters.size(); ++i) {
    const auto expected = options.pull_requests ? truth.pull_requests.values[i] : 0;
    EXPECT_EQ(total_of(report, kPullRequestCounters[i].family), static_cast<double>(expected))
        << kPullRequestCounters[i].field;
  }
  std::set<metrics::SeriesKey> keys;
  for (const metrics::Sample& sample : report.samples) {
    EXPECT_TRUE(keys.insert(sample.key).second) << "a series comes once";
  }
}

TEST(ReportSums, AreTheReportsWhateverIsSwitchedOn) {
  for (const ReportRow& row : kReports) {
    for (const Arrays arrays : {Arrays::kTrue, Arrays::kWrong}) {
      const GeneratedReport truth = generate_report(row.kind, 7, arrays, 3, 2);
      for (LabelSet on = 0; on <= kEveryLabel; ++on) {
        for (int rest = 0; rest < 16; ++rest) {
          const ReportOptions options{.breakdowns = on,
                                      .pull_requests = (rest & 1) != 0,
                                      .day_label = (rest & 2) != 0,
                                      .user_label = static_cast<UserLabel>(rest >> 2),
                                      .hash_key = "0123456789abcdef"};
          SCOPED_TRACE(fmt::format("{} of {}, labels {}, rest {}", row.name, row.owner, on, rest));
          expect_sums(read(row.kind, truth.body, options), truth, options);
        }
      }
    }
  }
}

TEST(ReportSums, AreTheSameHoweverTheBodyIsCut) {
  const GeneratedReport truth = generate_report(ReportKind::kOrgUsers28Days, 3, Arrays::kWrong, 2, 3);
  const ReportOptions options{.breakdowns = kFeature | kModel};
  const Report whole = read(ReportKind::kOrgUsers28Days, truth.body, options, truth.body.size());
  for (std::size_t piece = 1; piece < truth.body.size(); piece = piece * 2 + 1) {
    EXPECT_EQ(read(ReportKind::kOrgUsers28Days, truth.body, options, piece).samples, whole.samples) << piece;
  }
}

TEST(ReportSums, OfEachUserAndDayAreTheirs) {
  for (const std::uint64_t users : {1, 40, 1000}) {
    const GeneratedReport truth = generate_report(ReportKind::kOrgUsers28Days, users, Arrays::kWrong, users, 3);
    const Report report =
        read(ReportKind::kOrgUsers28Days, truth.body, {.breakdowns = kFeature | kLanguage, .day_label = true});
    for (std::size_t i = 0; i < kCounters.size(); ++i) {
      Sums by_user;
      for (const auto& [user, counters] : truth.by_user) by_user[user] = static_cast<double>(counters.values[i]);
      EXPECT_EQ(sums_of(report, kCounters[i].family, kUserPlace), by_user) << kCounters[i].field;
      Sums by_day;
      for (const auto& [day, counters] : truth.by_day) by_day[day] = static_cast<double>(counters.values[i]);
      EXPECT_EQ(sums_of(report, kCounters[i].family, kDayPlace), by_day) << kCounters[i].field;
    }
  }
}

// Where arrays are parts of the same truth, every label of a chain sums to what happened under it.
TEST(ReportSums, ByEachLabelAreWhatHappenedUnderIt) {
  const GeneratedReport truth = generate_report(ReportKind::kOrg28Days, 5, Arrays::kTrue, 0, 28);
  ASSERT_GT(truth.activities.size(), 30U);
  const std::array<std::string Activity::*, 4> members = {&Activity::ide, &Activity::feature, &Activity::language,
                                                          &Activity::model};
  for (LabelSet on = 0; on <= kEveryLabel; ++on) {
    const Report report = read(ReportKind::kOrg28Days, truth.body, {.breakdowns = on});
    for (std::size_t i = 0; i < kCounters.size(); ++i) {
      for (std::size_t label = 0; label < kLabelRows.size(); ++label) {
        const bool carried = (recipe_for(on, i).labels & kLabelRows[label].bit) != 0;
        Sums expected;
        for (const Activity& activity : truth.activities) {
          expected[carried ? activity.*members[label] : ""] += static_cast<double>(activity.counters.values[i]);
        }
        Sums found = sums_of(report, kCounters[i].family, kLabelPlaces[label]);
        // A rest of nothing may be told or not.
        if (found[""] == 0) found.erase("");
        if (expected[""] == 0) expected.erase("");
        EXPECT_EQ(found, expected) << kCounters[i].field << " by " << kLabelRows[label].name << ", labels " << int{on};
      }
    }
  }
}

}  // namespace
}  // namespace ghstats::copilot
