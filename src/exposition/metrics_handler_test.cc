#include "exposition/metrics_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "base/testing/fake_clock.h"
#include "exposition/testing/bodies.h"
#include "exposition/testing/openmetrics_checker.h"

namespace ghstats::exposition {
namespace {

using metrics::Family;
using metrics::FamilyInfo;
using metrics::Sample;
using metrics::Scope;
using metrics::Type;

std::vector<std::string> awkward_labels(const FamilyInfo& family) {
  std::vector<std::string> values;
  for (const std::string_view label : family.labels) values.push_back("a \"" + std::string(label) + "\\\" {x=1},\n");
  return values;
}

// At least one series of every family of the catalogue.
store::ChangeSet everything_shared(TimePoint now) {
  store::ChangeSet set;
  set.repositories = {{RepoId{1}, "acme", "api"}};
  for (const ledger::EventKind kind : ledger::kAllEventKinds) {
    set.events.push_back({kind, RepoId{1}, std::string(40, '1'), "octocat", now, now});
  }
  set.loc_records = {{.repo = RepoId{1}, .users = {{"octocat", 2, 1, {}}}, .valid_until = now + std::chrono::hours{1}}};
  set.loc_records[0].week = now;
  set.value_sets = {{"all", {}}};
  for (const FamilyInfo& family : metrics::catalogue()) {
    if (family.scope != Scope::kShared) continue;
    Sample sample{{family.id, awkward_labels(family)}, 0.25};
    if (family.type == Type::kGauge) {
      set.value_sets[0].samples.push_back(sample);
      continue;
    }
    if (family.type == Type::kHistogram) sample.key.labels.emplace_back("+Inf");
    set.counters.push_back(sample);
  }
  return set;
}

std::vector<Sample> everything_own() {
  std::vector<Sample> own;
  for (const FamilyInfo& family : metrics::catalogue()) {
    if (family.scope == Scope::kReplica) own.push_back({{family.id, awkward_labels(family)}, 1});
  }
  return own;
}

class MetricsHandlerTest : public ::testing::Test {
 protected:
  MetricsHandlerTest() { view_.load(everything_shared(clock_.now()), clock_.now()); }

  http::ServerResponse get(http::Headers headers) {
    http::ServerRequest request;
    request.method = "GET";
    request.path = "/metrics";
    request.headers = std::move(headers);
    return handler_.respond(request);
  }
  static std::string header(const http::ServerResponse& response, std::string_view name) {
    for (const http::Header& field : response.headers.fields()) {
      if (field.name == name) return field.value;
    }
    return "(absent)";
  }

  ghstats::testing::FakeClock clock_;
  View view_{ledger::Ledger::Options{}, clock_.now()};
  MetricsHandler handler_{view_, clock_, [](TimePoint) { return everything_own(); }};
};

TEST_F(MetricsHandlerTest, AnswersPlainTextToWhoAsksForNothing) {
  const auto response = get({});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(header(response, "Content-Encoding"), "(absent)");
  EXPECT_EQ(header(response, "Vary"), "Accept, Accept-Encoding");
  EXPECT_TRUE(testing::join(response.body).starts_with("# HELP gh_activity_commits_24h "));
}

TEST_F(MetricsHandlerTest, AnswersPrometheusInCompressedOpenMetrics) {
  const auto response = get({{"accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"},
                             {"ACCEPT-ENCODING", "gzip"}});
  EXPECT_EQ(header(response, "Content-Type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_EQ(header(response, "Content-Encoding"), "gzip");
  EXPECT_EQ(header(response, "Vary"), "Accept, Accept-Encoding");
  const auto text = testing::gunzip(testing::join(response.body));
  ASSERT_TRUE(text) << text.error();
  EXPECT_TRUE(text->ends_with("\n# EOF\n"));
}

TEST_F(MetricsHandlerTest, JoinsRepeatedFields) {
  const auto response = get({{"Accept", "text/plain;q=0.1"}, {"Accept", "application/openmetrics-text"}});
  EXPECT_TRUE(header(response, "Content-Type").starts_with("application/openmetrics-text"));
}

TEST_F(MetricsHandlerTest, ShowsTheCountsOfTheMomentOfTheScrape) {
  const std::string series = "\ngh_activity_reviews_submitted_24h{org=\"acme\",repo=\"api\",user=\"octocat\"} ";
  EXPECT_NE(testing::join(get({}).body).find(series + "1\n"), std::string::npos);
  clock_.advance(std::chrono::hours(24));
  EXPECT_NE(testing::join(get({}).body).find(series + "0\n"), std::string::npos);
}

TEST_F(MetricsHandlerTest, EveryFamilyOfTheCataloguePassesAStrictParser) {
  const auto page = testing::join(get({{"Accept", "application/openmetrics-text"}}).body);
  EXPECT_EQ(testing::check_openmetrics(page), "");
  for (const FamilyInfo& family : metrics::catalogue()) {
    EXPECT_NE(page.find("\n" + std::string(family.name)), std::string::npos) << family.name;
  }
}

TEST_F(MetricsHandlerTest, EveryFamilyOfTheCataloguePassesPromtool) {
  const std::string promtool = testing::find_promtool();
  if (promtool.empty()) GTEST_SKIP() << "no promtool: './dev setup' fetches it, or set GHSTATS_PROMTOOL";
  const auto result = testing::run("'" + promtool + "' check metrics", testing::join(get({}).body));
  // It may dislike names that are not ours to choose (contract.md section 3), and nothing else.
  std::istringstream remarks(result.output);
  for (std::string remark; std::getline(remarks, remark);) {
    EXPECT_THAT(remark,
                ::testing::MatchesRegex("gh_copilot_usage_[a-z_]*_(count|sum) non-histogram and non-summary .*"));
  }
  EXPECT_NE(testing::run("'" + promtool + "' check metrics", "broken{ 1\n").exit_code, 0);
}

}  // namespace
}  // namespace ghstats::exposition
