// Leaders, late workers, losses, changed options and reports that go back, in any order, against the plainest account
// of what should be shown.
#include <gtest/gtest.h>

#include <list>
#include <random>

#include "copilot/testing/planner_fixture.h"

namespace ghstats::copilot {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using testing::ScriptedFetch;
using testing::Users;

struct Told {
  Day day;
  UserLabel label{};
  Users users;
};

class Model {
 public:
  // A leader asked GitHub, which had this report.
  void read(const Told& told) {
    if (report_ && report_->label == told.label && told.day <= report_->day) return;
    report_ = told;
    cover(told.day);
    if (stand_in_ && stand_in_->day <= told.day) stand_in_.reset();
  }
  // A worker ended.
  void redone(const Told& told) {
    const bool is_late = (covered_ && told.day <= *covered_) || (stand_in_ && told.day < stand_in_->day);
    if (!is_late) stand_in_ = told;
  }
  // A leader looked at what the store has.
  void look(UserLabel label) {
    if (!stand_in_ || stand_in_->label == label) return;
    cover(stand_in_->day - days{1});
    stand_in_.reset();
  }
  [[nodiscard]] bool is_told(Day day) const { return report_ && day <= report_->day; }
  [[nodiscard]] Users report() const { return report_ ? report_->users : Users{}; }
  [[nodiscard]] Users stand_in() const { return stand_in_ ? stand_in_->users : Users{}; }

 private:
  void cover(Day day) { covered_ = std::max(covered_.value_or(day), day); }

  std::optional<Told> report_;    // the newest with these options
  std::optional<Told> stand_in_;  // the newest, if it is newer than every report
  std::optional<Day> covered_;    // what is not newer is late
};

class ReportModel : public testing::PlannerFixture, public ::testing::WithParamInterface<unsigned> {
 protected:
  // Has looked what is covered, and waits for GitHub.
  struct Worker {
    explicit Worker(boost::asio::any_io_executor executor) : fetch(executor), task(std::move(executor)) {}
    Told about;
    ReportSettings settings;
    ScriptedFetch fetch;
    async::TaskGroup task;
  };

  ~ReportModel() override {
    while (!workers_.empty()) end_worker();
  }

  [[nodiscard]] unsigned below(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random_); }
  Users some_users() {
    Users users;
    for (unsigned i = 0; i <= below(3); ++i) users[std::string(1, static_cast<char>('a' + below(5)))] = below(1000);
    return users;
  }

  void publish() {
    offered_.reset();
    const unsigned kind = below(8);
    if (kind == 0) return github_fails(problem(FetchStep::kDownload));
    if (kind == 1) return github_fails(NoReport{});
    offered_ = Told{.day = ago(static_cast<int>(below(5))), .label = {}, .users = some_users()};
    github_has(offered_->day, offered_->users);
  }

  void begin_worker() {
    const auto label = static_cast<UserLabel>(below(2));
    Worker& worker = workers_.emplace_back(github_.io.get_executor());
    worker.about = {.day = ago(1 + static_cast<int>(below(5))), .label = label, .users = some_users()};
    worker.settings.options.user_label = label;
    worker.fetch.answer(day_path(worker.about.day), {report(kOneDay, worker.about.day, worker.about.users)});
    worker.fetch.hang_next();
    worker.task.spawn([this, &worker]() -> async::Task<> {
      CollectEnvironment environment = this->environment();
      environment.fetch = worker.fetch.fetch();
      const std::string day = format_day(worker.about.day);
      co_await redo_report(
          environment, kWorker, worker.settings, target(),
          {.scope = "org", .report_type = "users-28-day", .window_start_day = day, .window_end_day = day});
    });
    time_.pass();
    EXPECT_EQ(worker.fetch.hanging == 0, model_.is_told(worker.about.day));
    if (worker.fetch.hanging == 0) workers_.pop_back();
  }

  void end_worker() {
    const auto worker = std::next(workers_.begin(), below(static_cast<unsigned>(workers_.size())));
    worker->fetch.release();
    run(worker->task.join());
    model_.redone(worker->about);
    workers_.erase(worker);
  }

  void change_leader() {
    stop();
    if (below(3) == 0) settings_.options.user_label = static_cast<UserLabel>(below(2));
    start();
  }

  void step() {
    switch (below(8)) {
      case 0:
        return publish();
      case 1:
        return change_leader();
      case 2:
      case 3:
        return begin_worker();
      case 4:
        if (!workers_.empty()) end_worker();
        return;
      case 5:
        if (below(4) != 0) return;
        lose_store();
        model_ = {};
        return;
      default:
        time_.pass(10min * below(24));
    }
  }

  // What the leader did since the last call.
  void account() {
    const bool has_asked = asked() > seen_;
    seen_ = asked();
    if (has_asked && offered_) {
      offered_->label = settings_.options.user_label;
      model_.read(*offered_);
    }
    model_.look(settings_.options.user_label);
  }

  std::mt19937 random_{GetParam()};
  std::optional<Told> offered_;  // what GitHub has
  std::size_t seen_ = 0;         // of what was asked for
  std::list<Worker> workers_;
  Model model_;
};

TEST_P(ReportModel, WhatIsShownIsTheNewest) {
  settings_.interval = 1h;
  publish();
  start();
  account();
  for (int i = 0; i < 250; ++i) {
    step();
    store_returned_.bump();
    time_.pass();
    account();
    ASSERT_EQ(users(), model_.report()) << "step " << i;
    ASSERT_EQ(users(kOneDay), model_.stand_in()) << "step " << i;
  }
  EXPECT_GT(asked(), 40U) << "the test has lost its subject";
}

INSTANTIATE_TEST_SUITE_P(Seeds, ReportModel, ::testing::Range(0U, 8U));

}  // namespace
}  // namespace ghstats::copilot
