// One repository's lines of code from a scripted GitHub into a real memory store.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "activity/loc/collect_loc.h"
#include "activity/loc/testing/scripted_histories.h"
#include "activity/loc/weeks.h"
#include "base/time_format.h"
#include "github/testing/graphql_fixture.h"
#include "log/testing/memory_sink.h"
#include "store/memory_store.h"

namespace ghstats::activity::testing {

inline constexpr const char* kStatistics = "/repos/acme/api/stats/contributors";

// Organisation 'acme' with 'api' (1). It is Monday, 2026-09-21 14:13:20 UTC.
class LocFixture : public ::testing::Test {
 protected:
  using RepliesOf = http::testing::FakeClient::Rule;

  LocFixture()
      : store_(store::make_memory_store(github_.io.get_executor(), github_.clock, {})),
        authority_{Role::kLeader, store::Source::kLeaderScrape, *run(store_->begin_leadership())} {}

  template <class T>
  T run(async::Task<T> task) {
    return github_.run(std::move(task));
  }
  [[nodiscard]] TimePoint now() const { return github_.clock.now(); }
  [[nodiscard]] TimePoint week() const { return latest_complete_week(now()); }

  LocEnvironment environment() {
    return {.store = *store_,
            .recorder = recorder_,
            .clock = github_.clock,
            .memory = *memory_,
            .logger = log::testing::make_logger(github_.lines),
            .graphql = with_graphql_ ? &github_.graphql : nullptr};
  }
  LocReport collect(std::vector<LocTarget> targets) {
    return run(collect_loc(environment(), github_.api, authority_, settings_, std::move(targets)));
  }
  LocReport collect() { return collect({target_}); }

  // What a restart leaves: the store.
  void restart() { memory_ = std::make_unique<LocMemory>(); }

  std::optional<store::LocRecord> stored(std::uint64_t repo = 1) {
    auto records = run(store_->loc_records({RepoId{repo}}));
    if (!records || records->empty()) return std::nullopt;
    return records->front();
  }

  // "ann +12 -5", "bob gone", in the order of names.
  std::vector<std::string> users(std::uint64_t repo = 1) {
    std::vector<std::string> out;
    const auto record = stored(repo);
    if (!record) return out;
    for (const store::UserLines& user : record->users) {
      out.push_back(user.gone_at ? user.user + " gone"
                                 : user.user + " +" + std::to_string(user.added) + " -" + std::to_string(user.removed));
    }
    return out;
  }

  RepliesOf& on_statistics() { return github_.on_get(kStatistics); }
  [[nodiscard]] std::size_t statistics_asked() const { return asked("/stats/contributors"); }
  [[nodiscard]] std::size_t listings_asked() const { return asked("/commits?since="); }
  [[nodiscard]] std::size_t details_asked() const { return asked("?per_page=1"); }

  [[nodiscard]] std::size_t asked(std::string_view part) const {
    const auto urls = github_.client.urls();
    return static_cast<std::size_t>(
        std::ranges::count_if(urls, [&](const std::string& url) { return url.find(part) != std::string::npos; }));
  }

  // One contributor with weeks "begin added removed commits"; `user` null when empty.
  static std::string contributor(const std::string& user, const std::vector<github::ContributorWeek>& weeks) {
    std::string out = user.empty() ? R"({"author":null)" : R"({"author":{"login":")" + user + R"(","type":"User"})";
    out += R"(,"total":1,"weeks":[)";
    for (const github::ContributorWeek& week : weeks) {
      if (!out.ends_with('[')) out += ',';
      out += R"({"w":)" + std::to_string(to_unix_seconds(week.begin)) + R"(,"a":)" + std::to_string(week.additions) +
             R"(,"d":)" + std::to_string(week.deletions) + R"(,"c":)" + std::to_string(week.commits) + "}";
    }
    return out + "]}";
  }
  static std::string list(const std::vector<std::string>& items) {
    std::string out = "[";
    for (const std::string& item : items) out += (out.size() > 1 ? "," : "") + item;
    return out + "]";
  }

  // What GitHub says of a repository that is too large.
  std::string all_zero() const { return list({contributor("ann", {{week() - kWeek, 0, 0, 90}, {week(), 0, 0, 120}})}); }

  static std::string listed(const std::vector<ScriptedCommit>& commits) {
    std::vector<std::string> items;
    items.reserve(commits.size());
    for (const ScriptedCommit& commit : commits) {
      items.push_back(R"({"sha":")" + commit.sha + R"(","author":{"login":")" + commit.user +
                      R"(","type":"User"},"commit":{"author":{"name":"N","email":"n@x"},"committer":{"date":")" +
                      format_rfc3339(commit.at) + R"("}},"parents":[{"sha":"0"})" +
                      (commit.merge ? R"(,{"sha":"1"})" : "") + "]}");
    }
    return list(items);
  }

  // The listing of the week that is complete now.
  RepliesOf& on_listing() {
    return github_.on_get("/repos/acme/api/commits?since=" + format_rfc3339(week()) +
                          "&until=" + format_rfc3339(week() + kWeek - std::chrono::seconds{1}) + "&per_page=100");
  }
  void on_detail(const std::string& sha, int added, int removed) {
    github_.on_get("/repos/acme/api/commits/" + sha + "?per_page=1")
        .reply(200, R"({"sha":")" + sha + R"(","stats":{"additions":)" + std::to_string(added) + R"(,"deletions":)" +
                        std::to_string(removed) + "}}");
  }

  double budget_exhausted() {
    for (const metrics::Sample& sample : recorder_.take_increments()) {
      if (sample.key.family == metrics::Family::kLocFallbackBudgetExhausted) exhausted_ += sample.value;
    }
    return exhausted_;
  }

  static std::vector<work::Reason> reasons(const LocReport& report) {
    std::vector<work::Reason> out;
    out.reserve(report.misses.size());
    for (const work::Miss& miss : report.misses) out.push_back(miss.reason);
    return out;
  }

  github::testing::GraphqlFixture github_;
  std::unique_ptr<store::MetricStore> store_;
  store::Authority authority_;
  metrics::Recorder recorder_;
  std::unique_ptr<LocMemory> memory_ = std::make_unique<LocMemory>();
  LocSettings settings_;
  bool with_graphql_ = false;
  LocTarget target_{.id = RepoId{1}, .org = "acme", .name = "api", .full_name = "acme/api"};

 private:
  double exhausted_ = 0;
};

}  // namespace ghstats::activity::testing
