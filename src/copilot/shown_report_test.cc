#include "copilot/shown_report.h"

#include <gmock/gmock.h>

#include <set>

namespace ghstats::copilot {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Day kDay = std::chrono::sys_days{std::chrono::year{2025} / 10 / 1};

TEST(ShownReport, HasASlotForEachReportAndOwner) {
  std::set<std::string> slots = {std::string(kSlots) + "gauges"};
  for (const ReportRow& report : kReports) {
    for (const char* owner : {"acme", "globex"}) {
      EXPECT_TRUE(slots.insert(report_slot(report.kind, owner)).second) << report.name;
      EXPECT_TRUE(slots.insert(success_slot(report.kind, owner)).second) << report.name;
    }
  }
  for (const std::string& slot : slots) EXPECT_TRUE(slot.starts_with(kSlots));
  EXPECT_EQ(report_slot(ReportKind::kEnterpriseUsers1Day, "acme"), "copilot/enterprise/acme/users-1-day");
}

TEST(ShownReport, IsReadBackFromItsEdition) {
  const ShownReport shown{.last_day = kDay, .options = fingerprint({})};
  EXPECT_EQ(shown_report(edition_of(shown)), shown);
  EXPECT_EQ(shown_report(covered_by(shown)), shown);
  const Day before_1970 = std::chrono::sys_days{std::chrono::year{1969} / 12 / 31};
  const ShownReport old{.last_day = before_1970, .options = "x y"};
  EXPECT_EQ(shown_report(edition_of(old)), old);
}

TEST(ShownReport, RanksByDayAndAboveItsDayTheReportThatCoversIt) {
  const auto edition = [](Day day) { return edition_of({.last_day = day, .options = "o"}); };
  const auto covered = [](Day day) { return covered_by({.last_day = day, .options = "p"}); };
  EXPECT_TRUE(store::is_outdated(edition(kDay - days{1}), edition(kDay)));
  EXPECT_FALSE(store::is_outdated(edition(kDay), edition(kDay))) << "the same day, read again";
  EXPECT_TRUE(store::is_outdated(edition(kDay), covered(kDay)));
  EXPECT_FALSE(store::is_outdated(edition(kDay + days{1}), covered(kDay)));
  EXPECT_TRUE(store::is_outdated(covered(kDay), edition(kDay + days{1})));
  EXPECT_FALSE(store::is_outdated(covered(kDay), edition(kDay)));
}

TEST(ShownReport, ANoteThatIsNotOfThisVersionIsAsIfNobodyKnew) {
  for (const char* note :
       {"", "report 2 2025-10-01 x", "report 1", "report 1 ", "report 1 2025-10-01", "report 1 2025-10-01x",
        "report 1 2025-13-01 x", "report 1 2025-10-1 xx", "success 1 2025-10-01T00:00:00Z", "something else"}) {
    EXPECT_EQ(shown_report({.rank = 7, .note = note}), std::nullopt) << note;
  }
  for (const char* note :
       {"", "success 2 2025-10-01T00:00:00Z", "success 1 ", "success 1 yesterday", "report 1 2025-10-01 x"}) {
    EXPECT_EQ(success_time({.rank = 7, .note = note}), std::nullopt) << note;
  }
}

TEST(ShownReport, TheLastSuccessCountsWhateverAClockSaidBefore) {
  const TimePoint at = TimePoint{kDay} + 5h + 7s;
  EXPECT_EQ(success_time(success_edition(at)), at);
  EXPECT_FALSE(store::is_outdated(success_edition(at), success_edition(at + 24h * 365)));
}

TEST(ReportFingerprint, DiffersByEveryOptionThatChangesSeries) {
  std::vector<ReportOptions> all(1);
  const auto with = [&all](auto change) { change(all.emplace_back()); };
  for (const LabelSet label : {kIde, kFeature, kLanguage, kModel}) {
    with([label](ReportOptions& o) { o.breakdowns = label; });
  }
  with([](ReportOptions& o) { o.breakdowns = kIde | kFeature; });
  with([](ReportOptions& o) { o.pull_requests = false; });
  with([](ReportOptions& o) { o.day_label = true; });
  with([](ReportOptions& o) { o.user_label = UserLabel::kId; });
  with([](ReportOptions& o) { o.user_label = UserLabel::kNone; });
  with([](ReportOptions& o) { o.user_label = UserLabel::kHashed; });
  with([](ReportOptions& o) { o.user_label = UserLabel::kHashed, o.hash_key = "one key of many bytes"; });
  with([](ReportOptions& o) { o.user_label = UserLabel::kHashed, o.hash_key = "another key of many bytes"; });
  with([](ReportOptions& o) { o.max_records = 16; });
  with([](ReportOptions& o) { o.max_users = 16; });
  with([](ReportOptions& o) { o.max_records = 1, o.max_users = 6; });
  with([](ReportOptions& o) { o.max_records = 16, o.max_users = 16; });
  std::set<std::string> seen;
  for (const ReportOptions& options : all) {
    EXPECT_TRUE(seen.insert(fingerprint(options)).second) << fingerprint(options);
    EXPECT_EQ(fingerprint(options), fingerprint(ReportOptions(options)));
    EXPECT_LT(fingerprint(options).size(), 100U);
  }
}

TEST(ReportFingerprint, NeverHoldsTheKeyAndLeavesOutOneThatIsNotUsed) {
  ReportOptions options{.user_label = UserLabel::kHashed, .hash_key = "hush-7f3a-0123456"};
  const std::string print = fingerprint(options);
  EXPECT_THAT(print, Not(HasSubstr("hush")));
  EXPECT_THAT(print, Not(HasSubstr(hashed_user(options.hash_key, "")))) << "not even the whole hash";
  EXPECT_EQ(print.find('\n'), std::string::npos);
  options.user_label = UserLabel::kLogin;
  EXPECT_EQ(fingerprint(options), fingerprint({}));
}

}  // namespace
}  // namespace ghstats::copilot
