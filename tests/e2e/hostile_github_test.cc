// A GitHub that answers nonsense, or nothing at all, costs what it answers nonsense about, and only while it does.
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "harness/comparison.h"
#include "harness/exporter.h"
#include "harness/http.h"
#include "harness/log_lines.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

struct Misbehaviour {
  const char* name;
  const char* action;
};

constexpr Misbehaviour kMisbehaviours[] = {
    {"truncated body", R"({"cut_after_bytes":1200})"},
    {"not JSON", R"({"body_not_json":true})"},
    {"wrong shape", R"({"wrong_shape":true})"},
    {"100 MB body", R"({"huge_body_bytes":104857600})"},
    {"500 for ever", R"({"status":500})"},
    {"30 s of silence", R"({"delay_ms":30000})"},
};

struct Endpoint {
  const char* path_regex;
  const char* context;  // how errors about it begin
  const char* reason;   // of the miss
};

constexpr Endpoint kListing = {"^/orgs/acme/repos$", "list repositories of 'acme'", "scrape_error"};
constexpr Endpoint kOfRepository[] = {
    {"^/repos/acme/alpha/commits$", "list commits of acme/alpha", "activity_commits_failed"},
    {"^/repos/acme/alpha/pulls$", "list pulls of acme/alpha", "activity_pulls_failed"},
    {"^/repos/acme/alpha/pulls/[0-9]+/reviews$", "list reviews of acme/alpha#", "activity_reviews_failed"},
    {"^/repos/acme/alpha/issues/comments$", "list issue comments of acme/alpha", "activity_issue_comments_failed"},
};

constexpr std::size_t kMemoryLimit = 400UL << 20U;

// Two repositories of one organisation and one of another, all of them busy.
class HostileGitHub : public ::testing::Test {
 protected:
  static inline const std::vector<std::string> kRepositories{"acme/alpha", "acme/beta", "globex/gamma"};

  void SetUp() override {
    simulator.perform(R"([{"type":"add_repository","org":"acme","name":"alpha"},
                          {"type":"add_repository","org":"acme","name":"beta"},
                          {"type":"add_repository","org":"globex","name":"gamma"}])");
    work_everywhere();
    expect_truth(kRepositories);
  }

  // One more event of every kind in every repository. Its pull request makes the exporter ask for reviews.
  void work_everywhere() {
    ++round;
    std::string list;
    for (const auto& repository : kRepositories) {
      const std::string common = R"("repo":")" + repository + "\"";
      const std::string number = std::to_string(round);
      list += (list.empty() ? "" : ",") + (R"({"type":"commit",)" + common) + R"(,"author":"ann"},)" +
              R"({"type":"pull_request",)" + common + R"(,"author":"bob"},)" + R"({"type":"review",)" + common +
              R"(,"number":)" + number + R"(,"author":"cid","state":"APPROVED"},)" + R"({"type":"comment",)" + common +
              R"(,"number":)" + number + R"(,"author":"dan"})";
    }
    simulator.perform("[" + list + "]");
  }

  [[nodiscard]] std::string difference(const std::vector<std::string>& repositories) const {
    const auto now = std::chrono::system_clock::now();
    const auto page = activity(exporter.samples(), now);
    const auto truth = simulator.truth(now);
    std::string out;
    for (const auto& repository : repositories) {
      out += differences(of_repository(page, repository), of_repository(truth, repository));
    }
    return out;
  }

  // Every case adds one to every count: a page that stands still cannot pass.
  void expect_truth(const std::vector<std::string>& repositories) {
    EXPECT_TRUE(eventually(15s, [&] { return difference(repositories).empty(); })) << difference(repositories);
  }

  void inflict(const Misbehaviour& misbehaviour, const Endpoint& endpoint) {
    simulator.add_faults(std::string(R"([{"match":{"path_regex":")") + endpoint.path_regex + R"("},"action":)" +
                         misbehaviour.action + "}]");
  }

  // The lines of a cycle of acme that began and ended under the fault: "cycle finished" and what follows it.
  std::vector<boost::json::object> afflicted_cycle(std::size_t offset, const Endpoint& endpoint) {
    std::vector<boost::json::object> found;
    const bool seen = eventually(20s, [&] {
      found.clear();
      bool inside = false;
      for (auto& line : log_lines(exporter.process().output(), offset)) {
        const std::string message = text_of(line, "msg");
        if (message == "cycle finished" && !found.empty() && inside) return true;
        if (message == "cycle finished") {
          inside = text_of(line, "org") == "acme" && text_of(line, "result") != "success";
          found.clear();
        }
        if (inside && text_of(line, "org") == "acme") found.push_back(std::move(line));
      }
      return false;
    });
    EXPECT_TRUE(seen) << "no cycle without success: " << endpoint.context;
    return found;
  }

  // One line, and it says which repository, which request and what was wrong.
  static void expect_one_clear_line(const std::vector<boost::json::object>& cycle, const Endpoint& endpoint) {
    std::vector<std::string> lines;
    for (const auto& line : cycle) {
      if (text_of(line, "msg") != "miss") continue;
      lines.push_back(boost::json::serialize(line));
      EXPECT_TRUE(text_of(line, "error").starts_with(endpoint.context)) << lines.back();
      EXPECT_GT(text_of(line, "error").size(), std::string(endpoint.context).size() + 2) << lines.back();
      EXPECT_LT(text_of(line, "error").size(), 400U) << lines.back();
      EXPECT_EQ(text_of(line, "reason"), endpoint.reason) << lines.back();
      EXPECT_EQ(text_of(line, "repo"), endpoint.context == kListing.context ? "" : "alpha") << lines.back();
    }
    EXPECT_EQ(lines.size(), 1U);
  }

  void endure(const Misbehaviour& misbehaviour, const Endpoint& endpoint, const std::string& result,
              const std::vector<std::string>& untouched) {
    SCOPED_TRACE(std::string(misbehaviour.name) + " at " + endpoint.path_regex);
    inflict(misbehaviour, endpoint);
    work_everywhere();
    const auto cycle = afflicted_cycle(exporter.process().output().size(), endpoint);
    ASSERT_FALSE(cycle.empty());
    EXPECT_EQ(text_of(cycle.front(), "result"), result);
    expect_one_clear_line(cycle, endpoint);
    expect_truth(untouched);
    EXPECT_NE(difference({"acme/alpha"}), "") << "the fault had no effect";
    simulator.clear_faults();
    expect_truth(kRepositories);
    ASSERT_TRUE(exporter.process().running()) << exporter.process().output();
    EXPECT_LT(exporter.process().peak_resident_bytes(), kMemoryLimit);
  }

  int round = 0;
  TemporaryFolder folder;
  Simulator simulator{folder.path(), {"--orgs", "2", "--org", "acme", "--org", "globex", "--no-rate-limit-headers"}};
  Exporter exporter{
      folder.path(),
      {.config = config_for(simulator, {"acme", "globex"}, "",
                            "request_timeout: 1s\n  unhealthy_failure_threshold: 1000000", "max_attempts: 2")}};
};

TEST_F(HostileGitHub, CostsOnlyTheRepositoryItMisbehavesAbout) {
  for (const auto& misbehaviour : kMisbehaviours) {
    for (const auto& endpoint : kOfRepository) {
      endure(misbehaviour, endpoint, "partial", {"acme/beta", "globex/gamma"});
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(HostileGitHub, CostsOnlyTheOrganisationItMisbehavesAbout) {
  for (const auto& misbehaviour : kMisbehaviours) {
    endure(misbehaviour, kListing, "failure", {"globex/gamma"});
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace ghstats::harness
