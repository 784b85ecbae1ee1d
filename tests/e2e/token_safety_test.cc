// Credentials go to GitHub's API and to nobody else, whatever GitHub (or who pretends to be GitHub) answers.
#include <gtest/gtest.h>

#include "harness/comparison.h"
#include "harness/exporter.h"
#include "harness/http.h"
#include "harness/listener.h"
#include "harness/log_lines.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

class TokenSafety : public ::testing::Test {
 protected:
  // Answers `status` with one header to everything that fits, in place of GitHub.
  void lure(const std::string& path_regex, int status, const std::string& header, const std::string& value) {
    simulator.add_faults(R"([{"match":{"path_regex":")" + path_regex + R"("},"action":{"status":)" +
                         std::to_string(status) + R"(,"body":"[]","headers":{")" + header + R"(":")" + value +
                         R"("}}}])");
  }

  // A line after `offset` that says what was refused.
  static void expect_refusal(const Exporter& exporter, const std::string& log_of, std::size_t offset,
                             const std::string& words) {
    const auto told = [&] {
      for (const auto& line : log_lines(read_file(log_of), offset)) {
        if (text_of(line, "error").find(words) != std::string::npos) return true;
      }
      return false;
    };
    EXPECT_TRUE(eventually(10s, told)) << exporter.url() << " never said: " << words;
  }

  void SetUp() override {
    simulator.perform(R"([{"type":"add_repository","org":"acme","name":"lure"}])");
    push();
  }

  void expect_nobody_else_was_asked() const {
    for (const auto& request : elsewhere.requests()) {
      ADD_FAILURE() << request.method << " " << request.target << " went elsewhere"
                    << (request.headers.get("Authorization") ? ", with Authorization" : "");
    }
  }

  // Without a push nobody asks for commits.
  void push() { simulator.perform(R"([{"type":"commit","repo":"acme/lure","author":"ann"}])"); }

  [[nodiscard]] bool shows_the_truth(const Exporter& exporter) const {
    const auto now = std::chrono::system_clock::now();
    const auto truth = simulator.truth(now);
    return truth.size() > 20 && differences(activity(exporter.samples(), now), truth).empty();
  }

  [[nodiscard]] Exporter::Options options() const {
    return {.config = config_for(simulator, {"acme"}, "", "unhealthy_failure_threshold: 1000000")};
  }
  [[nodiscard]] std::string log() const { return (folder.path() / "exporter.log").string(); }

  TemporaryFolder folder;
  Listener elsewhere;
  Simulator simulator{folder.path(),
                      {"--org", "acme", "--repos", "3", "--users", "5", "--events", "60", "--hours", "20", "--seed",
                       "5", "--no-rate-limit-headers"}};
};

TEST_F(TokenSafety, TheListenerHears) {
  get(elsewhere.url() + "/x", {{"Authorization", "Bearer test"}});
  ASSERT_EQ(elsewhere.requests().size(), 1U);
  EXPECT_EQ(elsewhere.requests()[0].headers.get("authorization"), "Bearer test");
}

TEST_F(TokenSafety, RedirectsOfDataToElsewhereAreRefused) {
  Exporter exporter(folder.path(), options());
  ASSERT_TRUE(exporter.complete_cycle("acme")) << exporter.process().output();
  const std::string by_scheme = elsewhere.url().substr(elsewhere.url().find("//"));
  const std::string by_name = "http://localhost" + elsewhere.url().substr(elsewhere.url().rfind(':'));
  const std::string with_user = "http://127.0.0.1@" + elsewhere.url().substr(elsewhere.url().find("//") + 2);
  for (const char* path : {"^/orgs/acme/repos$", "/commits$", "/issues/comments$"}) {
    for (const int status : {301, 302, 307, 308}) {
      for (const std::string& site : {elsewhere.url(), by_scheme, by_name, with_user}) {
        SCOPED_TRACE(std::string(path) + " " + std::to_string(status) + " " + site);
        const std::size_t offset = exporter.process().output().size();
        push();
        lure(path, status, "Location", site + "/steal");
        expect_refusal(exporter, log(), offset, site == with_user ? "redirect" : "refused to follow a redirect");
        simulator.clear_faults();
      }
    }
  }
  EXPECT_TRUE(eventually(10s, [&] { return shows_the_truth(exporter); })) << exporter.process().output();
  expect_nobody_else_was_asked();
}

TEST_F(TokenSafety, LinksToElsewhereAreRefused) {
  Exporter exporter(folder.path(), options());
  ASSERT_TRUE(exporter.complete_cycle("acme")) << exporter.process().output();
  for (const char* path : {"^/orgs/acme/repos$", "/commits$", "/pulls$", "/issues/comments$"}) {
    SCOPED_TRACE(path);
    const std::size_t offset = exporter.process().output().size();
    push();
    lure(path, 200, "Link", "<" + elsewhere.url() + R"(/steal?page=2>; rel=\"next\")");
    expect_refusal(exporter, log(), offset, "refused to follow a link to another host");
    simulator.clear_faults();
  }
  EXPECT_TRUE(eventually(10s, [&] { return shows_the_truth(exporter); })) << exporter.process().output();
  expect_nobody_else_was_asked();
}

// Here the App's own JSON Web Token is at stake.
TEST_F(TokenSafety, RedirectsOfTheAppToElsewhereAreRefused) {
  for (const char* path : {"^/orgs/acme/installation$", "/access_tokens$"}) {
    for (const int status : {301, 302, 303, 307, 308}) {
      SCOPED_TRACE(std::string(path) + " " + std::to_string(status));
      lure(path, status, "Location", elsewhere.url() + "/steal");
      write_file(log(), "");  // the last one's
      Exporter exporter(folder.path(), options());
      const bool would_be_followed = std::string_view(path).ends_with("installation$") && status != 303;
      expect_refusal(exporter, log(), 0,
                     would_be_followed ? "refused to follow a redirect" : "HTTP " + std::to_string(status));
      simulator.clear_faults();
    }
  }
  expect_nobody_else_was_asked();
}

}  // namespace
}  // namespace ghstats::harness
