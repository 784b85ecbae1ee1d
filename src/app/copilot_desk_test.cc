#include "app/copilot_desk.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "app/testing/replica_fixture.h"
#include "async/task_group.h"
#include "base/day.h"
#include "copilot/shown_report.h"
#include "github/testing/test_key.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using copilot::ReportKind;
using health::Component;
using metrics::Family;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using work::Reason;

constexpr auto kReports = "/orgs/acme/copilot/metrics/reports/";
constexpr auto kEnterpriseReports = "/enterprises/big/copilot/metrics/reports/";
constexpr auto kFile = "https://copilot-reports.github.com/report.ndjson";

class CopilotDeskTest : public testing::ReplicaFixture {
 protected:
  void SetUp() override {
    ReplicaFixture::SetUp();
    config_.copilot.enabled = true;
  }
  void TearDown() override {
    if (copilot_) run(copilot_->stop());
    std::filesystem::remove(key_path_);
  }

  // With an App of its own that GitHub knows.
  void add_enterprise(const std::string& slug = "big") {
    std::ofstream(key_path_) << github::testing::kPkcs1Key;
    config_.copilot.enterprise = {.enabled = true, .slug = slug, .app_id = 7, .private_key_path = key_path_};
    config_.copilot.include_enterprise_28d = true;
    github(200, "/enterprises/" + slug + "/installation", R"({"id":8,"suspended_at":null})");
    client_.on_post("https://api.github.com/app/installations/8/access_tokens")
        .reply(201, R"({"token":"ghs_SECRET","expires_at":"2036-01-01T00:00:00Z"})");
  }

  [[nodiscard]] std::string day(int ago) const { return format_day(day_of(clock_.now()) - std::chrono::days{ago}); }
  // The answer with the links of a report that ended so many days ago.
  [[nodiscard]] std::string links(int ago) const {
    return std::string(R"({"download_links":[")") + kFile + R"("],"report_start_day":")" + day(ago + 27) +
           R"(","report_end_day":")" + day(ago) + R"("})";
  }
  [[nodiscard]] std::string one_day_links(int ago) const {
    return std::string(R"({"download_links":[")") + kFile + R"("],"report_day":")" + day(ago) + R"("})";
  }
  void report_file(const std::string& body) { client_.on_get(kFile).reply(200, body); }
  [[nodiscard]] std::string line_of_ann(int ago) const {
    return R"({"day":")" + day(ago) +
           R"(","user_id":1,"user_login":"ann","user_initiated_interaction_count":5})"
           "\n";
  }

  // A leadership, as long as `meanwhile` takes.
  void lead(const std::function<void()>& meanwhile = [] {}) {
    const store::Authority leader{Role::kLeader, store::Source::kLeaderScrape, run(store_.begin_leadership()).value()};
    async::TaskGroup group(io_.get_executor());
    group.spawn([this, leader] {
      return copilot().lead(store_, leader, cooldown_,
                            [this](std::vector<work::Miss> misses) { return desk().redo_later(std::move(misses)); });
    });
    time_.pass();
    meanwhile();
    group.cancel();
    run(group.join());
  }

  void queue(const std::string& owner, work::CopilotReport about) {
    work::Miss miss{.org = owner, .repo = "*", .window = {clock_.now() - 24h, clock_.now()}};
    miss.reason = Reason::kCopilotReportFetchError;
    about.window_start_day = day(3);
    about.window_end_day = day(1);
    miss.copilot = std::move(about);
    run(desk().redo_later({miss}));
  }
  // What became of the job, by its labels.
  std::vector<std::string> work(const std::string& owner, work::CopilotReport about) {
    queue(owner, std::move(about));
    std::vector<std::vector<std::string>> found;
    async::TaskGroup group(io_.get_executor());
    group.spawn([this] { return desk().work(store_, {Role::kFollower, store::Source::kWorkerBackfill, 0}, nullptr); });
    group.spawn([this, &found, &group]() -> async::Task<> {
      while (found.empty()) {
        co_await async::yield();
        found = counted(Family::kBackfillProcessed);
      }
      group.cancel();
    });
    run(group.join());
    return found.front();
  }

  std::vector<metrics::Sample> shown(ReportKind kind, const std::string& owner) {
    for (const store::ValueSet& set : run(store_.snapshot())->set.value_sets) {
      if (set.slot == copilot::report_slot(kind, owner)) return set.samples;
    }
    return {};
  }
  [[nodiscard]] health::ComponentStatus status(Component component) const {
    return health_.board()->current()->components[static_cast<std::size_t>(component)];
  }
  std::vector<std::string> asked_for_reports() {
    std::vector<std::string> out;
    for (const std::string& url : client_.urls()) {
      if (url.contains("/copilot/")) out.push_back(url.substr(std::string_view("https://api.github.com").size()));
    }
    return out;
  }

  const std::string key_path_ = ::testing::TempDir() + "copilot-desk-" + std::to_string(::getpid()) + ".pem";
  activity::CooldownFsm cooldown_{{}};
};

TEST_F(CopilotDeskTest, ReadsWhatTheConfigurationSaysAndNothingElse) {
  github(204, "/orgs/*", "");
  lead();
  EXPECT_THAT(asked_for_reports(), ElementsAre(std::string(kReports) + "organization-28-day/latest"));
}

TEST_F(CopilotDeskTest, ReadsAllFourReports) {
  add_enterprise();
  config_.copilot.include_org_users_28d = true;
  config_.copilot.include_enterprise_users_28d = true;
  github(204, "/orgs/*", "");
  github(204, "/enterprises/big/copilot/*", "");
  lead();
  EXPECT_THAT(asked_for_reports(), UnorderedElementsAre(std::string(kReports) + "organization-28-day/latest",
                                                        std::string(kReports) + "users-28-day/latest",
                                                        std::string(kEnterpriseReports) + "enterprise-28-day/latest",
                                                        std::string(kEnterpriseReports) + "users-28-day/latest"));
  EXPECT_TRUE(client_.unexpected().empty());
}

TEST_F(CopilotDeskTest, DisabledItWantsNothing) {
  add_enterprise();
  config_.copilot.enabled = false;
  lead([this] { time_.pass(24h); });
  EXPECT_THAT(client_.urls(), IsEmpty());
  EXPECT_FALSE(copilot().knows("big"));
  EXPECT_FALSE(status(Component::kCopilotOrgReports).used);
}

TEST_F(CopilotDeskTest, AnEnterpriseWhoseKeyCannotBeReadIsAnErrorThatNamesIt) {
  add_enterprise();
  std::filesystem::remove(key_path_);
  const auto made = CopilotDesk::make({.door = door_,
                                       .store_returned = returned_,
                                       .recorder = recorder_,
                                       .clock = clock_,
                                       .health = health_,
                                       .organisations = organisations_,
                                       .logger = logger_},
                                      config_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("enterprise 'big'"));
}

TEST_F(CopilotDeskTest, AReportIsShownWithTheOptionsOfTheConfiguration) {
  config_.copilot.include_org_28d = false;
  config_.copilot.include_org_users_28d = true;
  config_.copilot.user_label_mode = config::UserLabelMode::kId;
  config_.copilot.emit_day_label = true;
  github(200, std::string(kReports) + "users-28-day/latest", links(2));
  report_file(line_of_ann(2));
  lead();
  const auto samples = shown(ReportKind::kOrgUsers28Days, "acme");
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_THAT(samples[0].key.labels, ElementsAre("acme", "*", "1", "users", "28d", "", "", "", "", day(2)));
  EXPECT_EQ(samples[0].value, 5);
  EXPECT_THAT(counted(Family::kCopilotReportDownloads), ElementsAre(ElementsAre("users", "success")));
  EXPECT_TRUE(status(Component::kCopilotOrgUserReports).healthy);
  EXPECT_TRUE(status(Component::kCopilotReportDownload).used);
}

TEST_F(CopilotDeskTest, AReportOfMoreSeriesThanTheWholeBudgetIsAnError) {
  config_.store.max_series_budget = 1;
  github(200, std::string(kReports) + "organization-28-day/latest", links(2));
  report_file(R"({"day_totals":[{"loc_added_sum":1,"loc_deleted_sum":1}]})"
              "\n");
  lead();
  EXPECT_TRUE(lines_->contains("store.max_series_budget"));
  EXPECT_THAT(shown(ReportKind::kOrg28Days, "acme"), IsEmpty());
  EXPECT_THAT(counted(Family::kBackfillEnqueued), ElementsAre(ElementsAre("acme", "copilot_report_parse_error")));
}

TEST_F(CopilotDeskTest, EachPathHasItsHealth) {
  config_.copilot.include_org_users_28d = true;
  client_.on_get("https://api.github.com" + std::string(kReports) + "organization-28-day/latest")
      .reply(500)
      .reply(200, links(2));
  github(200, std::string(kReports) + "users-28-day/latest", links(2));
  report_file("no report\n");
  lead([this] {
    EXPECT_FALSE(status(Component::kCopilotOrgReports).healthy);
    EXPECT_THAT(status(Component::kCopilotOrgReports).last_error, HasSubstr("organization-28-day"));
    EXPECT_TRUE(status(Component::kCopilotOrgUserReports).healthy) << "its links were told";
    EXPECT_FALSE(status(Component::kCopilotReportDownload).healthy) << "the file was none";
    EXPECT_FALSE(status(Component::kCopilotEnterpriseReports).used);
    time_.pass(10min);
    EXPECT_TRUE(status(Component::kCopilotOrgReports).healthy);
    EXPECT_FALSE(status(Component::kCopilotReportDownload).healthy);
  });
}

TEST_F(CopilotDeskTest, WhatTheStoreDoesNotTakeIsNotGitHubsFault) {
  github(200, std::string(kReports) + "organization-28-day/latest", links(2));
  report_file(R"({"report_end_day":")" + day(2) + R"(","day_totals":[]})" + "\n");
  store_.fail_every(store::testing::Verb::kCommit, {ErrorCode::kUnavailable, "gone"});
  lead();
  EXPECT_EQ(client_.count(kFile), 1U);
  EXPECT_TRUE(status(Component::kCopilotOrgReports).healthy);
  EXPECT_TRUE(status(Component::kCopilotReportDownload).healthy);
}

TEST_F(CopilotDeskTest, ACooldownPausesReportsToo) {
  for (int i = 0; i < 6; ++i) cooldown_.on_cycle("acme", activity::CycleResult::kFailure, clock_.steady_now());
  github(204, "/orgs/*", "");
  lead([this] {
    EXPECT_THAT(client_.urls(), IsEmpty());
    time_.pass(2min);
    EXPECT_EQ(asked_for_reports().size(), 1U);
  });
}

TEST_F(CopilotDeskTest, ACooldownOfTheWholeOfGitHubPutsOffAnEnterprisesJobs) {
  add_enterprise();
  for (int i = 0; i < 6; ++i) cooldown_.on_probe(false, clock_.steady_now());
  ASSERT_TRUE(cooldown_.paused_until("big", clock_.steady_now()));
  queue("big", {.scope = "enterprise", .report_type = "enterprise-28-day"});
  const auto work_a_while = [this](const activity::CooldownFsm* cooldown) {
    async::TaskGroup group(io_.get_executor());
    group.spawn([this, cooldown] {
      return desk().work(store_, {Role::kFollower, store::Source::kWorkerBackfill, 0}, cooldown);
    });
    time_.pass();
    group.cancel();
    run(group.join());
  };
  work_a_while(&cooldown_);
  EXPECT_THAT(client_.urls(), IsEmpty());
  queue("big", {.scope = "enterprise", .report_type = "enterprise-1-day"});
  work_a_while(nullptr);
  EXPECT_FALSE(client_.urls().empty()) << "it is the cooldown that keeps it";
}

TEST_F(CopilotDeskTest, SaysWhichLabelsHaveNoEffectBesideOthers) {
  config_.copilot.include_breakdown_ide = true;
  config_.copilot.include_breakdown_model = true;
  github(204, "/orgs/*", "");
  lead();
  EXPECT_TRUE(lines_->contains("copilot.include_breakdown_ide"));
  EXPECT_FALSE(lines_->contains("copilot.include_breakdown_model"));
}

TEST_F(CopilotDeskTest, AFailureBecomesAJobOfThatReport) {
  github(500, std::string(kReports) + "organization-28-day/latest", "");
  lead();
  EXPECT_THAT(counted(Family::kBackfillEnqueued), ElementsAre(ElementsAre("acme", "copilot_report_fetch_error")));
}

TEST_F(CopilotDeskTest, AWorkerStandsInForAnOrganisationsReport) {
  config_.copilot.include_org_users_28d = true;
  github(204, std::string(kReports) + "users-1-day?day=" + day(1), "");
  github(200, std::string(kReports) + "users-1-day?day=" + day(2), one_day_links(2));
  report_file(line_of_ann(2));
  EXPECT_THAT(work("ACME", {.scope = "org", .report_type = "users-28-day"}), ElementsAre("ACME", "*", "processed"));
  const auto samples = shown(ReportKind::kOrgUsers1Day, "acme");
  ASSERT_EQ(samples.size(), 1U) << "under the name that is configured";
  EXPECT_THAT(samples[0].key.labels, ElementsAre("acme", "*", "ann", "users", "1d", "", "", "", "", ""));
}

TEST_F(CopilotDeskTest, AWorkerStandsInForAnEnterprisesReportWithItsApp) {
  add_enterprise();
  config_.copilot.include_enterprise_users_28d = true;
  github(200, std::string(kEnterpriseReports) + "users-1-day?day=" + day(1), one_day_links(1));
  report_file(line_of_ann(1));
  EXPECT_TRUE(copilot().knows("BIG"));
  EXPECT_FALSE(copilot().knows("acme"));
  EXPECT_THAT(work("Big", {.scope = "enterprise", .report_type = "users-1-day"}), ElementsAre("Big", "*", "processed"));
  EXPECT_EQ(shown(ReportKind::kEnterpriseUsers1Day, "big").size(), 1U);
  EXPECT_TRUE(client_.unexpected().empty());
}

TEST_F(CopilotDeskTest, JobsAboutReportsThatAreNotWantedAreDoneWithoutAQuestion) {
  EXPECT_THAT(work("acme", {.scope = "org", .report_type = "users-28-day"}), ElementsAre("acme", "*", "processed"));
  EXPECT_THAT(client_.urls(), IsEmpty());
}

TEST_F(CopilotDeskTest, JobsAboutReportsThatDoNotExistFail) {
  EXPECT_THAT(work("acme", {.scope = "org", .report_type = "repos-1-day"}), ElementsAre("acme", "*", "failed"));
  EXPECT_TRUE(lines_->contains("GitHub has no report 'repos-1-day' of scope 'org'"));
  EXPECT_THAT(client_.urls(), IsEmpty());
}

TEST_F(CopilotDeskTest, JobsOfAnUnknownOwnerAreDeadLetters) {
  add_enterprise();
  EXPECT_THAT(work("globex", {.scope = "enterprise", .report_type = "users-28-day"}),
              ElementsAre("unknown", "unknown", "dead_lettered"));
  EXPECT_THAT(client_.urls(), IsEmpty());
}

}  // namespace
}  // namespace ghstats::app
