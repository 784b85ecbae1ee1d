// The pages for Prometheus, as tools and a real Prometheus read them.
#include <gtest/gtest.h>

#include "exposition/testing/bodies.h"
#include "harness/comparison.h"
#include "harness/exporter.h"
#include "harness/http.h"
#include "harness/prometheus.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

constexpr const char* kText = "text/plain; version=0.0.4; charset=utf-8";
constexpr const char* kOpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";

// An exporter that has collected twenty hours of activity; none of it leaves the windows while the test runs.
class Pages : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto now = std::chrono::system_clock::now();
    ASSERT_TRUE(exporter.complete_cycle("acme")) << exporter.process().output();
    const auto truth = simulator.truth(now);
    ASSERT_GT(truth.size(), 100U);
    ASSERT_EQ(differences(activity(exporter.samples(), now), truth), "");
  }

  [[nodiscard]] http::Response page(http::Headers headers) const {
    return raw("GET", exporter.url() + "/metrics", headers);
  }

  static std::string header(const http::Response& response, const char* name) {
    return std::string(response.headers.get(name).value_or(""));
  }

  // What stays the same from one scrape to the next: everything but the exporter's own readings.
  static std::string activity_lines(const std::string& page) {
    std::string out;
    for (std::size_t begin = 0; begin < page.size();) {
      const std::size_t end = page.find('\n', begin);
      const std::string line = page.substr(begin, end - begin);
      if (line.find("gh_activity_") != std::string::npos) out += line + "\n";
      begin = end + 1;
    }
    return out;
  }

  TemporaryFolder folder;
  Simulator simulator{folder.path(),
                      {"--org", "acme", "--repos", "12", "--users", "20", "--events", "600", "--hours", "20", "--seed",
                       "3", "--no-rate-limit-headers"}};
  Exporter exporter{folder.path(), {.config = config_for(simulator, {"acme"})}};
};

TEST_F(Pages, PromtoolFindsNothingToSay) {
  if (!prometheus_program("promtool")) GTEST_SKIP() << "promtool is missing: './dev setup' gets it";
  const auto text = page({});
  ASSERT_EQ(header(text, "Content-Type"), kText);
  ASSERT_GT(activity_lines(text.body).size(), 1000U);
  EXPECT_EQ(promtool_remarks(text.body), "");
}

TEST_F(Pages, TheFormatFollowsAccept) {
  const struct {
    const char* accept;
    const char* type;
  } cases[] = {
      {"*/*", kText},
      {"text/html", kText},
      {"text/plain;version=0.0.4", kText},
      {"application/openmetrics-text; version=1.0.0", kOpenMetrics},
      {"application/openmetrics-text; version=1.0.0; q=0.1, text/plain; version=0.0.4; q=0.9", kText},
      // Prometheus 2.42
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       kOpenMetrics},
  };
  for (const auto& c : cases) {
    const auto answer = page({{"Accept", c.accept}});
    EXPECT_EQ(answer.status, 200) << c.accept;
    EXPECT_EQ(header(answer, "Content-Type"), c.type) << c.accept;
    EXPECT_EQ(answer.body.ends_with("\n# EOF\n"), c.type == kOpenMetrics) << c.accept;
  }
  // The same samples in both: families differ in their heads only.
  const auto text = parse_page(page({}).body);
  const auto open = parse_page(page({{"Accept", kOpenMetrics}}).body);
  EXPECT_EQ(activity(text, {}), activity(open, {}));
  EXPECT_EQ(text.size(), open.size());
}

TEST_F(Pages, GzipHoldsTheSamePage) {
  for (const char* accept : {kText, kOpenMetrics}) {
    const auto plain = page({{"Accept", accept}, {"Accept-Encoding", "identity"}});
    EXPECT_EQ(header(plain, "Content-Encoding"), "");
    const auto packed = page({{"Accept", accept}, {"Accept-Encoding", "deflate, gzip;q=0.5"}});
    ASSERT_EQ(header(packed, "Content-Encoding"), "gzip");
    EXPECT_EQ(header(packed, "Content-Type"), header(plain, "Content-Type"));
    EXPECT_LT(packed.body.size(), plain.body.size() / 2);
    const auto unpacked = exposition::testing::gunzip(packed.body);
    ASSERT_TRUE(unpacked) << unpacked.error();
    EXPECT_EQ(activity_lines(*unpacked), activity_lines(plain.body));
    EXPECT_EQ(unpacked->ends_with("# EOF\n"), plain.body.ends_with("# EOF\n"));
    EXPECT_EQ(header(page({{"Accept", accept}, {"Accept-Encoding", "gzip;q=0"}}), "Content-Encoding"), "");
  }
}

TEST_F(Pages, ARealPrometheusReadsTheSameValues) {
  if (!prometheus_program("prometheus")) GTEST_SKIP() << "prometheus is missing: './dev setup' gets it";
  const std::string target = exporter.url().substr(exporter.url().find("//") + 2);
  const Prometheus prometheus(folder.path(), target);
  ASSERT_TRUE(eventually(30s, [&] { return prometheus.query("up") == std::map<std::string, double>{{"up", 1}}; }));

  const auto shown = activity(exporter.samples(), {});
  const auto all = R"({__name__=~"gh_activity_.*"})";
  ASSERT_TRUE(eventually(10s, [&] { return prometheus.query(all).size() >= shown.size(); }));
  EXPECT_EQ(differences(prometheus.query(all), shown), "");
  EXPECT_GT(shown.size(), 100U);

  // Nothing of the page was dropped. The exporter's own families may gain a series between two looks.
  const auto scraped = [&] { return prometheus.query("scrape_samples_scraped").at("scrape_samples_scraped"); };
  const auto on_page = [&] { return static_cast<double>(parse_page(page({{"Accept", kOpenMetrics}}).body).size()); };
  EXPECT_TRUE(eventually(10s, [&] { return scraped() == on_page(); })) << scraped() << " of " << on_page();
  EXPECT_EQ(prometheus.query("scrape_samples_post_metric_relabeling").at("scrape_samples_post_metric_relabeling"),
            scraped());
}

}  // namespace
}  // namespace ghstats::harness
