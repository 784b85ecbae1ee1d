// What activity.self_reviews and activity.bots let count, in every combination, against the simulator's truth.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "base/time_format.h"
#include "harness/comparison.h"
#include "harness/exporter.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

const std::set<std::string> kFamilies = {"gh_activity_commits_24h",        "gh_activity_prs_opened_24h",
                                         "gh_activity_prs_merged_24h",     "gh_activity_reviews_submitted_24h",
                                         "gh_activity_issue_comments_24h", "gh_activity_issues_opened_24h",
                                         "gh_activity_issues_closed_24h"};

// One exporter with these switches, and what they mean in the simulator's words.
class Observer {
 public:
  Observer(const std::filesystem::path& folder, const Simulator& simulator, bool self_reviews, bool bots, TimePoint now)
      : self_reviews_(self_reviews), bots_(bots) {
    std::filesystem::create_directories(folder);
    const std::string switches = std::string("activity: {issues: true, self_reviews: ") +
                                 (self_reviews ? "true" : "false") + ", bots: " + (bots ? "include" : "exclude") +
                                 "}\n";
    exporter_.emplace(folder, Exporter::Options{.config = config_for(simulator, {"acme"}, switches), .clock = now});
  }

  Exporter& exporter() { return *exporter_; }
  [[nodiscard]] std::map<std::string, double> truth(const Simulator& simulator, TimePoint now) const {
    return simulator.truth(now, std::string("&issues=true&self_reviews=") + (self_reviews_ ? "true" : "false") +
                                    "&bots=" + (bots_ ? "include" : "exclude"));
  }
  [[nodiscard]] std::string name() const {
    return std::string("self_reviews ") + (self_reviews_ ? "true" : "false") + ", bots " +
           (bots_ ? "include" : "exclude");
  }

 private:
  bool self_reviews_;
  bool bots_;
  std::optional<Exporter> exporter_;
};

// A bot does everything that counts, and an author, a person and a bot alike, reviews what is their own.
void perform_what_the_switches_are_about(Simulator& simulator, TimePoint at) {
  const std::string when = R"("at":")" + format_rfc3339(at) + R"(")";
  simulator.perform(R"([{"type":"add_repository","org":"acme","name":"switches",)" + when + R"(},
    {"type":"commit","repo":"acme/switches","author":"robo[bot]",)" +
                    when + R"(},
    {"type":"pull_request","repo":"acme/switches","author":"robo[bot]",)" +
                    when + R"(},
    {"type":"pull_request","repo":"acme/switches","author":"ann",)" +
                    when + R"(},
    {"type":"review","repo":"acme/switches","number":1,"author":"robo[bot]","state":"COMMENTED",)" +
                    when + R"(},
    {"type":"review","repo":"acme/switches","number":2,"author":"ann","state":"COMMENTED",)" +
                    when + R"(},
    {"type":"review","repo":"acme/switches","number":2,"author":"robo[bot]","state":"APPROVED",)" +
                    when + R"(},
    {"type":"review","repo":"acme/switches","number":2,"author":"bea","state":"APPROVED",)" +
                    when + R"(},
    {"type":"comment","repo":"acme/switches","number":2,"author":"robo[bot]",)" +
                    when + R"(},
    {"type":"merge","repo":"acme/switches","number":1,)" +
                    when + R"(},
    {"type":"issue","repo":"acme/switches","author":"robo[bot]",)" +
                    when + R"(},
    {"type":"close","repo":"acme/switches","number":3,"by":"ann",)" +
                    when + R"(},
    {"type":"issue","repo":"acme/switches","author":"ann",)" +
                    when + R"(},
    {"type":"close","repo":"acme/switches","number":4,"by":"robo[bot]",)" +
                    when + R"(}])");
}

std::set<std::string> families_of_bots(const std::map<std::string, double>& samples) {
  std::set<std::string> out;
  for (const auto& [series, value] : samples) {
    if (value > 0 && series.find("[bot]\"}") != std::string::npos) out.insert(series.substr(0, series.find('{')));
  }
  return out;
}

TEST(TruthSwitches, EveryCombinationCountsWhatItSaysAndNothingElse) {
  const TimePoint start = faketime_start();
  const TemporaryFolder folder;
  Simulator simulator(folder.path(), {"--clock", "frozen", "--start", format_rfc3339(start), "--from",
                                      format_rfc3339(start - 24h), "--hours", "60", "--org", "acme", "--repos", "8",
                                      "--users", "20", "--events", "1200", "--seed", "11", "--no-rate-limit-headers"});
  perform_what_the_switches_are_about(simulator, start + 30min);
  std::vector<std::unique_ptr<Observer>> observers;
  for (const bool self_reviews : {false, true}) {
    for (const bool bots : {false, true}) {
      observers.push_back(std::make_unique<Observer>(folder.path() / std::to_string(observers.size()), simulator,
                                                     self_reviews, bots, start));
    }
  }
  std::set<std::string> bots_seen;
  std::size_t own_reviews_mattered = 0;
  TimePoint now = start;
  for (int step = 0; now < start + 27h; ++step) {
    now += std::chrono::minutes{130} + std::chrono::seconds{(step * 37) % 61};
    simulator.set_clock(now);
    for (const auto& observer : observers) observer->exporter().set_clock(now);
    std::vector<std::map<std::string, double>> truths;
    for (const auto& observer : observers) {
      ASSERT_TRUE(observer->exporter().complete_cycle("acme")) << observer->exporter().process().output();
      truths.push_back(observer->truth(simulator, now));
      ASSERT_EQ(differences(activity(observer->exporter().samples(), now), truths.back()), "")
          << observer->name() << " at " << format_rfc3339(now);
    }
    // In the order of the loops above: self-reviews from the third on, bots in every second.
    EXPECT_TRUE(families_of_bots(truths[0]).empty() && families_of_bots(truths[2]).empty());
    bots_seen.merge(families_of_bots(truths[1]));
    own_reviews_mattered += truths[0] != truths[2] && truths[1] != truths[3] ? 1 : 0;
  }
  // The switches made a difference, for every kind.
  bots_seen.erase("gh_activity_last_event_unixtime");
  EXPECT_EQ(bots_seen, kFamilies);
  EXPECT_GT(own_reviews_mattered, 3U);
}

}  // namespace
}  // namespace ghstats::harness
