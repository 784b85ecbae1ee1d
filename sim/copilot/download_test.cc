// What the report host answers to whom.
#include "sim/copilot/download.h"

#include <gmock/gmock.h>

#include "sim/copilot/aggregate.h"
#include "sim/copilot/testing/inflated.h"
#include "sim/copilot/testing/report_lines.h"
#include "sim/testing/api_fixture.h"

namespace ghstats::sim::copilot {
namespace {

using sim::testing::ApiFixture;
using sim::testing::Got;
using ::testing::HasSubstr;
using testing::inflated;
using testing::records_of;

constexpr auto* kReports = "/orgs/acme/copilot/metrics/reports/";

class CopilotDownloads : public ApiFixture {
 protected:
  CopilotDownloads() {
    simulation_->reports.set_port(9999);
    set_up(R"({"users":4,"shards":2})");
  }
  void set_up(const std::string& fields) {
    const auto got = send("POST", "/_sim/copilot", {}, R"({"owner":"acme",)" + fields.substr(1));
    EXPECT_EQ(got.status, 200) << got.body;
  }
  boost::json::value counts() { return send("GET", "/_sim/copilot", {}).json(); }
  // What follows the host in the links of a report.
  std::vector<std::string> targets(const std::string& report = "users-28-day/latest") {
    std::vector<std::string> out;
    const auto body = get(kReports + report).json();
    for (const auto& link : body.at("download_links").as_array()) {
      const std::string url(link.as_string());
      out.push_back(url.substr(url.find('/', url.find("//") + 2)));
    }
    return out;
  }
  struct Downloaded {
    Got got;
    Download download;
  };
  Downloaded ask(const std::string& target, bool with_authorization = false, const std::string& method = "GET") {
    Downloaded out;
    out.download = answer_download(
        simulation_->reports,
        {.method = method, .target = target, .host = "reports.test:9999", .has_authorization = with_authorization},
        simulation_->clock.now());
    out.got = {out.download.status, {}, out.download.headers};
    while (out.download.body(out.got.body)) {
    }
    return out;
  }
  Got fetch(const std::string& target, bool with_authorization = false) { return ask(target, with_authorization).got; }
};

TEST_F(CopilotDownloads, AreTheFilesOfTheReport) {
  std::string all;
  for (const auto& target : targets()) {
    const auto got = fetch(target);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.header("x-ratelimit-remaining"), "");
    EXPECT_EQ(got.header("Content-Encoding"), "");
    EXPECT_GT(records_of(got.body).size(), 0U);
    all += got.body;
  }
  EXPECT_EQ(records_of(all).size(), 4U * 28);
  const auto days = records_of(fetch(targets("organization-28-day/latest").at(0)).body).at(0);
  EXPECT_EQ(days.at("day_totals").as_array().size(), 28U);
  const auto day = records_of(fetch(targets("organization-1-day?day=2026-11-02").at(0)).body).at(0);
  EXPECT_EQ(day.at("day"), "2026-11-02");
}

TEST_F(CopilotDownloads, RefuseWhoeverSendsAnAuthorization) {
  const auto target = targets().at(0);
  const auto got = fetch(target, true);
  EXPECT_EQ(got.status, 400);
  EXPECT_EQ(got.header("Content-Type"), "application/xml");
  EXPECT_THAT(got.body, HasSubstr("<Error><Code>InvalidAuthenticationInfo</Code><Message>"));
  EXPECT_EQ(fetch(target).status, 200);
  EXPECT_EQ(counts().at("host").at("with_authorization"), 1);
}

TEST_F(CopilotDownloads, EndWithTheirLinksByTheSimulatorsClock) {
  const auto target = targets().at(0);
  move_clock("2026-11-20T12:59:59Z");
  EXPECT_EQ(fetch(target).status, 200);
  move_clock("2026-11-20T13:00:00Z");
  const auto got = fetch(target);
  EXPECT_EQ(got.status, 403);
  EXPECT_THAT(got.body, HasSubstr("<Code>AuthenticationFailed</Code>"));
  EXPECT_THAT(got.body, HasSubstr("expired"));
  EXPECT_EQ(fetch(targets().at(0)).status, 200) << "a new link is a new hour";

  set_up(R"({"link_lifetime_seconds":60})");
  const auto short_lived = targets().at(0);
  move_clock("2026-11-20T13:01:00Z");
  EXPECT_EQ(fetch(short_lived).status, 403);
}

TEST_F(CopilotDownloads, NeedTheSignatureOfTheirVeryLink) {
  const auto links = targets();
  const auto changed = [&](const std::string& from, const std::string& to) {
    auto target = links[0];
    target.replace(target.find(from), from.size(), to);
    return fetch(target).status;
  };
  EXPECT_EQ(changed("se=2026-11-20T13", "se=2026-11-20T23"), 403);
  EXPECT_EQ(changed("part-00000", "part-00001"), 403);
  EXPECT_EQ(changed("sig=", "sig=A"), 403);
  EXPECT_EQ(changed("&sig=", "&sog="), 403);
  EXPECT_EQ(fetch(links[0].substr(0, links[0].find('?'))).status, 403);
  EXPECT_EQ(fetch("/").status, 403);
  EXPECT_EQ(changed("sv=", "sv="), 200);
}

TEST_F(CopilotDownloads, AreNotFoundAfterTheFilesAreGone) {
  const auto links = targets();
  set_up(R"({"shards":1})");
  EXPECT_EQ(fetch(links[0]).status, 200);
  const auto got = fetch(links[1]);
  EXPECT_EQ(got.status, 404);
  EXPECT_THAT(got.body, HasSubstr("<Code>BlobNotFound</Code>"));
}

TEST_F(CopilotDownloads, OnlyRead) {
  EXPECT_EQ(ask(targets().at(0), false, "PUT").got.status, 405);
}

TEST_F(CopilotDownloads, MayBeCompressedOnTheWayOrAsFiles) {
  const auto plain = fetch(targets().at(0)).body;
  set_up(R"({"gzip":"encoding"})");
  EXPECT_THAT(targets().at(0), HasSubstr(".ndjson?"));
  const auto encoded = fetch(targets().at(0));
  EXPECT_EQ(encoded.header("Content-Encoding"), "gzip");
  EXPECT_EQ(inflated(encoded.body), plain);
  EXPECT_LT(encoded.body.size(), plain.size() / 2);

  set_up(R"({"gzip":"file"})");
  EXPECT_THAT(targets().at(0), HasSubstr(".ndjson.gz?"));
  const auto file = fetch(targets().at(0));
  EXPECT_EQ(file.header("Content-Encoding"), "");
  EXPECT_EQ(inflated(file.body), plain);
}

TEST_F(CopilotDownloads, MayLieElsewhere) {
  set_up(R"({"redirect":"https://elsewhere.test/file"})");
  const auto away = fetch(targets().at(0));
  EXPECT_EQ(away.status, 302);
  EXPECT_EQ(away.header("Location"), "https://elsewhere.test/file");

  set_up(R"({"redirect":"{url}"})");
  const auto target = targets().at(0);
  const auto here = fetch(target);
  EXPECT_EQ(here.status, 302);
  EXPECT_EQ(here.header("Location"), "http://reports.test:9999" + target + "&redirected=true");
  EXPECT_EQ(fetch(target + "&redirected=true").status, 200);
}

TEST_F(CopilotDownloads, FailAsOftenAsTheyAreTold) {
  set_up(R"({"faults":[{"status":503,"times":2},{"status":500,"shard":1,"times":1}]})");
  const auto links = targets();
  EXPECT_EQ(fetch(links[0]).status, 503);
  EXPECT_EQ(fetch(links[1]).status, 503);
  EXPECT_EQ(fetch(links[0]).status, 200);
  EXPECT_EQ(fetch(links[1]).status, 500);
  EXPECT_EQ(fetch(links[1]).status, 200);
  EXPECT_EQ(counts().at("owners").at(0).at("faults").at(0).at("hits"), 2);
  set_up(R"({"faults":[{"status":404,"report":"organization-28-day"}]})");
  EXPECT_EQ(fetch(targets().at(0)).status, 200);
  EXPECT_EQ(fetch(targets("organization-28-day/latest").at(0)).status, 404);
  set_up(R"({"faults":[{"status":403}]})");
  EXPECT_EQ(fetch(targets().at(0)).status, 403);
  set_up(R"({"faults":[]})");
  EXPECT_EQ(fetch(targets().at(0)).status, 200);
}

TEST_F(CopilotDownloads, MayBeSomethingElse) {
  set_up(R"({"faults":[{"not_ndjson":true,"times":1},{"gzip_garbage":true,"times":1},
                       {"delay_ms":70,"truncate_after":12}]})");
  const auto page = fetch(targets().at(0));
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("Content-Type"), "text/html");
  EXPECT_TRUE(page.body.starts_with("<!DOCTYPE html>"));

  const auto garbage = fetch(targets().at(0));
  EXPECT_EQ(garbage.status, 200);
  EXPECT_EQ(garbage.header("Content-Encoding"), "gzip");
  EXPECT_TRUE(garbage.body.starts_with("\x1f\x8b\x08"));
  EXPECT_EQ(inflated(garbage.body), std::nullopt);

  const auto late = ask(targets().at(0)).download;
  EXPECT_EQ(late.status, 200);
  EXPECT_EQ(late.delay, std::chrono::milliseconds{70});
  EXPECT_EQ(late.truncate_after, 12);
}

TEST_F(CopilotDownloads, AreCountedByReportAndStatus) {
  const auto links = targets();
  (void)fetch(links[0]);
  (void)fetch(links[1]);
  (void)fetch(links[1], true);
  (void)fetch("/favicon.ico");
  const auto now = counts();
  EXPECT_EQ(boost::json::serialize(now.at("owners").at(0).at("links")), R"({"users-28-day":{"200":1}})");
  EXPECT_EQ(boost::json::serialize(now.at("owners").at(0).at("downloads")), R"({"users-28-day":{"200":2,"400":1}})");
  EXPECT_EQ(boost::json::serialize(now.at("host").at("downloads")), R"({"200":2,"400":1,"403":1})");
}

TEST_F(CopilotDownloads, GoOnWithTheReportTheyBeganWith) {
  const auto target = targets().at(0);
  const auto whole = fetch(target).body;
  const auto begun =
      answer_download(simulation_->reports, {.method = "GET", .target = target, .host = "h"}, simulation_->clock.now());
  std::string body;
  set_up(R"({"users":1,"seed":77})");
  while (begun.body(body)) {
  }
  EXPECT_EQ(body, whole);
}

}  // namespace
}  // namespace ghstats::sim::copilot
