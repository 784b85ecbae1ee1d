// Dates of GitHub that are wrong, and a clock of ours that is: nothing that happened is lost.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "activity/org_cycle.h"
#include "base/time_format.h"
#include "github/testing/api_fixture.h"
#include "store/memory_store.h"

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using store::CollectionFamily;
using work::Outcome;

// One organisation with one repository whose comments are listed. Every answer has a Date.
class WrongClocks : public ::testing::Test {
 protected:
  WrongClocks()
      : store_(store::make_memory_store(github_.io.get_executor(), github_.transport.settled_clock(), {})),
        authority_{Role::kLeader, store::Source::kLeaderScrape, *run(store_->begin_leadership())} {
    settings_.org = "acme";
    github_.client.on_get("*").call([this](const http::Request& request) { return answer(request.url); });
  }

  template <class T>
  T run(async::Task<T> task) {
    return github_.run(std::move(task));
  }
  CycleReport cycle() { return run(run_org_cycle({inventory_, *store_, authority_, &pushes_}, settings_)); }

  // GitHub's true time. Ours moves with it.
  void pass(std::chrono::seconds time) {
    truth_ += time;
    github_.clock.advance(time);
  }
  // Somebody comments now.
  void comment() { comments_.emplace_back(truth_); }

  // A cycle in which GitHub's Dates are all `ahead`, or, of answers whose URL holds `where`, one after the other.
  void cycle_with_dates(std::vector<std::chrono::seconds> ahead, std::string where = {}) {
    ahead_ = std::move(ahead);
    where_ = std::move(where);
    EXPECT_EQ(cycle().result, CycleResult::kSuccess);
    ahead_ = {};
  }
  // Longer ago than collections overlap.
  void expect_nothing_lost() {
    comment();
    pass(5min);
    EXPECT_EQ(cycle().result, CycleResult::kSuccess);
    EXPECT_EQ(run(store_->snapshot())->set.events.size(), comments_.size());
  }
  std::vector<TimePoint> checkpoints() {
    std::vector<TimePoint> out;
    for (const auto& checkpoint : *run(store_->checkpoints({RepoId{1}}))) out.push_back(checkpoint.collected_until);
    return out;
  }

  github::testing::ApiFixture github_;
  Inventory inventory_{github_.io.get_executor(), github_.api, {}};
  std::unique_ptr<store::MetricStore> store_;
  store::Authority authority_;
  OrgSettings settings_;
  KnownPushes pushes_{std::chrono::seconds{120}};
  TimePoint truth_ = github_.clock.now();
  bool dates_ = true;

 private:
  Result<http::Response> answer(const std::string& url) {
    http::Response response{.status = 200, .headers = {}, .body = "[]", .url = url};
    const std::string repository =
        R"({"id":1,"name":"api","full_name":"acme/api","fork":false,"pushed_at":")" + format_rfc3339(truth_) + R"("})";
    if (url.find("/orgs/acme/repos") != std::string::npos) response.body = "[" + repository + "]";
    if (url.ends_with("/repositories/1")) response.body = repository;
    if (url.find("/issues/comments") != std::string::npos) response.body = comments();
    std::chrono::seconds ahead{0};
    if (!ahead_.empty() && url.find(where_) != std::string::npos) {
      ahead = ahead_.front();
      if (ahead_.size() > 1) ahead_.erase(ahead_.begin());
    }
    if (dates_) response.headers.add("Date", format_http_date(truth_ + ahead));
    return response;
  }
  // The newest first, as GitHub lists them.
  [[nodiscard]] std::string comments() const {
    std::string out;
    for (std::size_t i = comments_.size(); i-- > 0;) {
      const std::string when = format_rfc3339(comments_[i]);
      out += (out.empty() ? "" : ",") + (R"({"id":)" + std::to_string(i + 1)) +
             R"(,"user":{"login":"ann","type":"User"},"created_at":")" + when + R"(","updated_at":")" + when + R"("})";
    }
    return "[" + out + "]";
  }

  std::vector<std::chrono::seconds> ahead_;
  std::string where_;
  std::vector<TimePoint> comments_;
};

TEST_F(WrongClocks, OneDateThreeDaysAheadLosesNothing) {
  comment();
  cycle_with_dates({72h, 0h}, "/issues/comments");
  for (const TimePoint checkpoint : checkpoints()) EXPECT_LE(checkpoint, truth_ + kSkewTolerance);
  pass(1min);
  expect_nothing_lost();
  pass(6h);
  cycle_with_dates({72h, 0h}, "/orgs/acme/repos");
  pass(1min);
  expect_nothing_lost();
}

TEST_F(WrongClocks, DatesThatAreAllAheadLoseNothing) {
  for (int i = 0; i < 5; ++i) {
    comment();
    cycle_with_dates({72h});
    pass(10min);
  }
  expect_nothing_lost();
}

TEST_F(WrongClocks, DatesThatJumpGoBackOrAreMissingLoseNothing) {
  for (const auto& dates : std::vector<std::vector<std::chrono::seconds>>{
           {-72h}, {72h, -72h, 0h, 24h * 400, -24h * 400}, {-1h, 1h, 0h}, {30s}, {-30s}}) {
    comment();
    cycle_with_dates(dates);
    pass(2min);
    comment();
    dates_ = false;
    EXPECT_EQ(cycle().result, CycleResult::kSuccess);
    dates_ = true;
    pass(2min);
    expect_nothing_lost();
  }
}

TEST_F(WrongClocks, OurClockAheadOrBehindLosesNothing) {
  for (const auto jump : {1h, 24h, 48h, 168h, 24h * 400}) {
    for (const int direction : {1, -1}) {
      comment();
      EXPECT_EQ(cycle().result, CycleResult::kSuccess);
      github_.clock.jump(direction * jump);
      pass(10min);
      comment();
      EXPECT_EQ(cycle().result, CycleResult::kSuccess);
      for (const TimePoint checkpoint : checkpoints()) EXPECT_LE(checkpoint, truth_ + kSkewTolerance);
      github_.clock.jump(-direction * jump);
      pass(2min);
      expect_nothing_lost();
    }
  }
}

// Of an old version, or of a foreign hand.
TEST_F(WrongClocks, ACheckpointOfTheFutureIsFoundAndItsFamilyCollectedAgain) {
  for (const auto ahead : {10min, 72 * 60min}) {
    comment();
    EXPECT_EQ(cycle().result, CycleResult::kSuccess);
    EXPECT_EQ(cycle().checkpoints_ahead, 0U);
    store::Batch batch;
    for (const auto family : settings_.sweep.families) batch.checkpoints.push_back({RepoId{1}, family, truth_ + ahead});
    ASSERT_TRUE(run(store_->commit(std::move(batch), authority_)));
    pass(5min);
    comment();
    EXPECT_EQ(run(redo_repository({inventory_, *store_, authority_, &pushes_}, settings_, RepoId{1},
                                  {.window = {truth_ - 1h, truth_}})),
              Outcome::kDone)
        << "nothing is healed by a checkpoint of the future";
    pass(1min);
    batch = {};
    for (const auto family : settings_.sweep.families) batch.checkpoints.push_back({RepoId{1}, family, truth_ + ahead});
    ASSERT_TRUE(run(store_->commit(std::move(batch), authority_)));
    comment();
    EXPECT_EQ(cycle().checkpoints_ahead, settings_.sweep.families.size());
    EXPECT_EQ(checkpoints(), std::vector<TimePoint>(settings_.sweep.families.size(), truth_))
        << "the store lets it go back";
    EXPECT_EQ(cycle().checkpoints_ahead, 0U);
    expect_nothing_lost();
  }
}

}  // namespace
}  // namespace ghstats::activity
