#include "copilot/fetch_report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <map>
#include <memory>

#include "async/task_group.h"
#include "copilot/testing/generated_report.h"
#include "github/testing/api_fixture.h"
#include "http/testing/compressed.h"
#include "http/testing/raw_peer.h"

namespace ghstats::copilot {
namespace {

using namespace std::chrono_literals;
using github::testing::ApiFixture;
using http::testing::gzip;
using http::testing::RawPeer;
using http::testing::RawServer;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

using enum DownloadResult;
using Outcome = std::expected<Fetched, FetchProblem>;

constexpr ReportKind kKind = ReportKind::kOrgUsers28Days;
constexpr const char* kLinks = "/orgs/acme/copilot/metrics/reports/users-28-day/latest";
constexpr const char* kPolicy = R"({"message":"The 'Copilot usage metrics' policy must be enabled to use this API"})";

std::string with_length(const std::string& head, const std::string& body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n\r\n{}", head, body.size(), body);
}
std::string file(const std::string& body) {
  return with_length("200 OK", body);
}
const std::string kExpiredAnswer = with_length("403 Forbidden", "<Error>Signature SECRET</Error>");
const std::string kHang = "hang";

// A report in three files on a host of reports, whose links GitHub tells.
class FetchReport : public ::testing::Test {
 protected:
  FetchReport() {
    report_ = testing::generate_report(kKind, 1, testing::Arrays::kTrue, 10, 3);
    auto made = http::make_curl_client(f_.io.get_executor(),
                                       {.user_agent = "ghstats-test", .ca_file = {}, .proxy = {}, .direct = true});
    if (!made) throw std::runtime_error(made.error().message);
    client_ = *std::move(made);
    // In the middle of lines: they do not go on in the next file, so cut behind some.
    std::size_t begin = 0;
    for (int i = 0; i < 3; ++i) {
      const std::size_t end =
          i == 2 ? report_.body.size() : report_.body.find('\n', report_.body.size() / 3 * (i + 1)) + 1;
      shards_.push_back(report_.body.substr(begin, end - begin));
      begin = end;
    }
    for (int i = 0; i < 3; ++i) files_[path(i)] = {file(shards_[i])};
  }

  static std::string path(int i) { return fmt::format("/part-{}.ndjson?se=1&sig=SECRET", i); }
  [[nodiscard]] std::string links(
      const std::string& days = R"("report_start_day":"2025-10-01","report_end_day":"2025-10-28")") const {
    return fmt::format(R"({{"download_links":["{}","{}","{}"],{}}})", host_->url(path(0)), host_->url(path(1)),
                       host_->url(path(2)), days);
  }
  void tell_links() { f_.on_get(kLinks).reply(200, links()); }

  // The next answer for the path, the last one again and again.
  async::Task<> serve(RawPeer& peer) {
    const std::string head = co_await peer.read_head();
    if (head.empty()) co_return;
    heads_.push_back(head);
    auto& answers = files_[head.substr(4, head.find(' ', 4) - 4)];
    const std::string answer = answers.empty() ? with_length("404 Not Found", "") : answers.front();
    if (answers.size() > 1) answers.pop_front();
    if (answer == kHang) {
      co_await peer.read_to_end();
    } else {
      co_await peer.send(answer);
    }
  }

  [[nodiscard]] FetchEnvironment environment() {
    return {.api = &f_.api,
            .client = client_.get(),
            .hosts = &hosts_,
            .retry = retry_ ? *retry_ : f_.retry(),
            .request_timeout = Duration{31'000},
            .download_timeout = download_timeout_,
            .on_download = [this](DownloadResult result) { downloads_.push_back(result); }};
  }
  Outcome fetch(ReportQuestion question = {.kind = kKind, .owner = "acme"}) {
    return f_.run(fetch_report(environment(), std::move(question), {}));
  }
  FetchProblem problem() {
    auto outcome = fetch();
    EXPECT_FALSE(outcome);
    FetchProblem out = outcome ? FetchProblem{} : outcome.error();
    EXPECT_FALSE(f_.leaks(out.error.message)) << out.error.message;
    return out;
  }
  // Everything, once.
  void expect_whole(const Outcome& outcome) {
    ASSERT_TRUE(outcome) << outcome.error().error.message;
    ASSERT_TRUE(std::holds_alternative<FetchedReport>(*outcome));
    const auto& fetched = std::get<FetchedReport>(*outcome);
    EXPECT_EQ(fetched.lines, (LineCounts{.taken = report_.lines}));
    for (std::size_t i = 0; i < kCounters.size(); ++i) {
      double sum = 0;
      for (const metrics::Sample& sample : fetched.report.samples) {
        if (sample.key.family == kCounters[i].family) sum += sample.value;
      }
      EXPECT_EQ(sum, static_cast<double>(report_.counters.values[i])) << kCounters[i].field;
    }
    EXPECT_FALSE(f_.leaks(""));
  }
  [[nodiscard]] std::size_t asked_for_links() const { return f_.client.requests().size(); }

  ApiFixture f_;
  testing::GeneratedReport report_;
  std::vector<std::string> shards_;
  ReportHosts hosts_{{}, "http://127.0.0.1"};
  std::optional<async::RetryEnvironment> retry_;  // instead of the fixture's, which does not wait
  Duration download_timeout_{20'000};
  std::vector<DownloadResult> downloads_;
  std::map<std::string, std::deque<std::string>> files_;  // answers by path
  std::vector<std::string> heads_;                        // that the host of the reports saw
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<RawServer> host_ = std::make_unique<RawServer>(f_.io, [this](RawPeer& peer) { return serve(peer); });
};

TEST_F(FetchReport, AllFilesAreOneReportAndItsDaysAreThoseOfTheLinks) {
  tell_links();
  files_[path(1)] = {file(gzip(shards_[1]))};
  const auto outcome = fetch();
  expect_whole(outcome);
  const auto& fetched = std::get<FetchedReport>(*outcome);
  EXPECT_EQ(fetched.first_day, "2025-10-01");
  EXPECT_EQ(fetched.last_day, "2025-10-28");
  EXPECT_THAT(downloads_, ElementsAre(kSuccess, kSuccess, kSuccess));
  ASSERT_EQ(heads_.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(heads_[i], StartsWith("GET " + path(i) + " "));
    EXPECT_THAT(heads_[i], ::testing::Not(HasSubstr("uthorization")));
  }
  ASSERT_EQ(asked_for_links(), 1U);
  EXPECT_EQ(f_.client.requests()[0].timeout, Duration{31'000});
  EXPECT_EQ(f_.attempts[0].endpoint, "copilot_org_users_28_day");
}

TEST_F(FetchReport, DaysThatTheLinksDoNotTellAreThoseOfTheRecords) {
  f_.on_get(kLinks).reply(200, links(R"("report_end_day":null)"));
  const auto outcome = fetch();
  expect_whole(outcome);
  const auto& fetched = std::get<FetchedReport>(*outcome);
  EXPECT_EQ(fetched.first_day, report_.by_day.begin()->first);
  EXPECT_EQ(fetched.last_day, report_.by_day.rbegin()->first);
}

TEST_F(FetchReport, AsksForEachReportAtItsPath) {
  for (const ReportRow& report : kReports) {
    ApiFixture f;
    const std::string asked = link_path(report.kind, "acme", "2025-10-01");
    f.on_get(asked).reply(204);
    const auto outcome = f.run(fetch_report({.api = &f.api, .client = client_.get(), .hosts = &hosts_},
                                            {.kind = report.kind, .owner = "acme", .day = "2025-10-01"}, {}));
    ASSERT_TRUE(outcome) << asked;
    EXPECT_TRUE(std::holds_alternative<NoReport>(*outcome));
    EXPECT_EQ(f.attempts[0].endpoint, report.endpoint);
  }
  EXPECT_THAT(downloads_, IsEmpty());
}

TEST_F(FetchReport, AReportThatIsKnownIsNotDownloaded) {
  tell_links();
  const auto known = fetch({.kind = kKind, .owner = "acme", .last_day = "2025-10-28"});
  ASSERT_TRUE(known);
  EXPECT_TRUE(std::holds_alternative<UnchangedReport>(*known));
  EXPECT_THAT(heads_, IsEmpty());
  expect_whole(fetch({.kind = kKind, .owner = "acme", .last_day = "2025-10-27"}));
}

TEST_F(FetchReport, WhatGitHubRefusesIsFinalAndWhatItFailsIsNot) {
  struct Case {
    int status;
    const char* body;
    ErrorCode code;
    bool is_final;
  };
  for (const Case& c :
       {Case{403, kPolicy, ErrorCode::kPermissionDenied, true},
        Case{404, R"({"message":"Not Found"})", ErrorCode::kNotFound, true},
        Case{500, "", ErrorCode::kUnavailable, false}, Case{200, "{}", ErrorCode::kInvalidData, false}}) {
    ApiFixture f;
    f.on_get(kLinks).reply(c.status, c.body);
    const auto outcome = f.run(
        fetch_report({.api = &f.api, .client = client_.get(), .hosts = &hosts_}, {.kind = kKind, .owner = "acme"}, {}));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().step, FetchStep::kLinks);
    EXPECT_EQ(outcome.error().error.code, c.code);
    EXPECT_EQ(outcome.error().is_final, c.is_final) << c.status;
    EXPECT_THAT(outcome.error().error.message, StartsWith("ask for the report users-28-day of acme: "));
  }
}

TEST_F(FetchReport, AnExpiredLinkIsAskedForAnewAndTheReportBegunAnew) {
  tell_links();
  files_[path(2)] = {kExpiredAnswer, file(shards_[2])};
  expect_whole(fetch());
  EXPECT_EQ(asked_for_links(), 2U);
  EXPECT_THAT(downloads_, ElementsAre(kSuccess, kSuccess, kExpired, kSuccess, kSuccess, kSuccess));
  EXPECT_THAT(f_.waits, IsEmpty());
}

TEST_F(FetchReport, ANewLinkThatHasExpiredIsAnError) {
  tell_links();
  files_[path(1)] = {kExpiredAnswer};
  const auto failed = problem();
  EXPECT_EQ(failed.step, FetchStep::kDownload);
  EXPECT_EQ(failed.error.code, ErrorCode::kUnauthenticated);
  EXPECT_FALSE(failed.is_final);
  EXPECT_EQ(failed.error.message,
            "read the report users-28-day of acme: file 2 of 3: 127.0.0.1: HTTP 403: the link has expired, or is "
            "refused");
  EXPECT_EQ(asked_for_links(), 2U);
  EXPECT_THAT(downloads_, ElementsAre(kSuccess, kExpired, kSuccess, kExpired));
}

TEST_F(FetchReport, WhatComesInsteadOfNewLinksDecides) {
  f_.on_get(kLinks).reply(200, links()).reply(204).reply(200, links()).reply(403, kPolicy);
  files_[path(0)] = {kExpiredAnswer};
  const auto none = fetch();
  ASSERT_TRUE(none);
  EXPECT_TRUE(std::holds_alternative<NoReport>(*none));
  const auto refused = problem();
  EXPECT_EQ(refused.step, FetchStep::kLinks);
  EXPECT_TRUE(refused.is_final);
}

TEST_F(FetchReport, AFileThatIsCutIsReadAgainFromTheFirstFile) {
  tell_links();
  const std::string whole = file(shards_[1]);
  const std::size_t body = whole.find("\r\n\r\n") + 4;
  // Behind a whole line, too: nothing but the length tells that something is missing.
  for (const std::size_t cut : {0UL, 10UL, body, body + 1, body + shards_[1].find('\n') + 1, whole.size() - 1}) {
    files_[path(1)] = {whole.substr(0, cut), whole};
    downloads_.clear();
    expect_whole(fetch());
    EXPECT_THAT(downloads_, ElementsAre(kSuccess, kFailure, kSuccess, kSuccess, kSuccess)) << cut;
  }
  EXPECT_EQ(f_.waits.size(), 6U);
}

TEST_F(FetchReport, AFileThatIsAlwaysCutIsOneError) {
  tell_links();
  files_[path(1)] = {file(shards_[1]).substr(0, 200)};
  const auto failed = problem();
  EXPECT_EQ(failed.step, FetchStep::kDownload);
  EXPECT_EQ(failed.error.code, ErrorCode::kUnavailable);
  EXPECT_FALSE(failed.is_final);
  EXPECT_THAT(failed.error.message,
              AllOf(StartsWith("read the report users-28-day of acme: file 2 of 3: GET http://127.0.0.1:"),
                    ::testing::EndsWith(" after 5 attempts")));
  EXPECT_EQ(downloads_.size(), 10U);
  EXPECT_EQ(asked_for_links(), 1U);
  EXPECT_EQ(f_.waits.size(), 4U);
}

TEST_F(FetchReport, ServerErrorsAreRepeatedAndOtherStatusesAreNot) {
  tell_links();
  files_[path(0)] = {with_length("503 Unavailable", ""), with_length("500 Internal", ""), file(shards_[0])};
  expect_whole(fetch());
  downloads_.clear();
  files_[path(0)] = {with_length("404 Not Found", "")};
  const auto failed = problem();
  EXPECT_EQ(failed.step, FetchStep::kDownload);
  EXPECT_EQ(failed.error.message, "read the report users-28-day of acme: file 1 of 3: 127.0.0.1: HTTP 404");
  EXPECT_THAT(downloads_, ElementsAre(kFailure));
}

TEST_F(FetchReport, AHostThatIsNotListedIsFinal) {
  tell_links();
  hosts_ = ReportHosts({"copilot-reports.github.com"}, "https://api.github.com");
  const auto refused = problem();
  EXPECT_EQ(refused.step, FetchStep::kDownload);
  EXPECT_EQ(refused.error.code, ErrorCode::kPermissionDenied);
  EXPECT_TRUE(refused.is_final);
  EXPECT_THAT(refused.error.message, StartsWith("read the report users-28-day of acme: file 1 of 3: refused to "));
  EXPECT_THAT(downloads_, ElementsAre(kRefusedHost));
  EXPECT_THAT(heads_, IsEmpty());
}

TEST_F(FetchReport, DamagedGzipAndWhatIsNoReportAreErrorsAtOnce) {
  tell_links();
  files_[path(1)] = {file("\x1f\x8b garbage")};
  const auto damaged = problem();
  EXPECT_EQ(damaged.step, FetchStep::kParse);
  EXPECT_THAT(damaged.error.message,
              StartsWith("read the report users-28-day of acme: file 2 of 3: the file is no valid gzip: "));
  EXPECT_THAT(downloads_, ElementsAre(kSuccess, kInvalid));
  downloads_.clear();
  for (int i = 0; i < 3; ++i) files_[path(i)] = {file("<html>\n</html>\n")};
  const auto html = problem();
  EXPECT_EQ(html.step, FetchStep::kParse);
  EXPECT_EQ(html.error.code, ErrorCode::kInvalidData);
  EXPECT_THAT(html.error.message, StartsWith("read the report users-28-day of acme: none of 6 lines is a record"));
  EXPECT_EQ(html.lines.of(DropReason::kNotJson), 6U);
  EXPECT_THAT(downloads_, ElementsAre(kSuccess, kSuccess, kSuccess));
  EXPECT_THAT(f_.waits, IsEmpty());
}

TEST_F(FetchReport, LinesThatAreBadAreCounted) {
  tell_links();
  files_[path(1)] = {file("garbage\n" + shards_[1])};
  const auto outcome = fetch();
  ASSERT_TRUE(outcome);
  const auto& lines = std::get<FetchedReport>(*outcome).lines;
  EXPECT_EQ(lines.taken, report_.lines);
  EXPECT_EQ(lines.of(DropReason::kNotJson), 1U);
}

TEST_F(FetchReport, TheTimeoutIsForAllOfIt) {
  tell_links();
  files_[path(1)] = {file(shards_[1]).substr(0, 200), kHang};
  download_timeout_ = Duration{1000};
  const auto late = problem();
  EXPECT_EQ(late.step, FetchStep::kDownload);
  EXPECT_EQ(late.error.code, ErrorCode::kTimeout);
  EXPECT_THAT(late.error.message, StartsWith("read the report users-28-day of acme: file 2 of 3: not read within 1s "
                                             "(before: file 2 of 3: GET http://127.0.0.1:"));
  EXPECT_THAT(downloads_, ElementsAre(kSuccess, kFailure, kSuccess, kFailure));
}

TEST_F(FetchReport, NewLinksMustComeInTime) {
  f_.on_get(kLinks).reply(200, links()).hang();
  files_[path(0)] = {kExpiredAnswer};
  download_timeout_ = Duration{500};
  const auto late = problem();
  EXPECT_EQ(late.step, FetchStep::kDownload);
  EXPECT_EQ(late.error.code, ErrorCode::kTimeout);
  EXPECT_EQ(late.error.message, "read the report users-28-day of acme: file 1 of 3: not read within 500ms");
  EXPECT_THAT(downloads_, ElementsAre(kExpired));
}

TEST_F(FetchReport, WaitsBetweenAttemptsCountInTheTimeout) {
  tell_links();
  files_[path(0)] = {with_length("503 Unavailable", "")};
  retry_ = async::RetryEnvironment{.policy = {.initial_backoff = Duration{60'000}, .jitter = false}};
  download_timeout_ = Duration{500};
  const auto late = problem();
  EXPECT_EQ(late.error.message,
            "read the report users-28-day of acme: file 1 of 3: not read within 500ms (before: file 1 of 3: 127.0.0.1: "
            "HTTP 503)");
  EXPECT_THAT(downloads_, ElementsAre(kFailure)) << "nothing was being downloaded any more";
}

TEST_F(FetchReport, IsCancelledAtOnceWhereverItIs) {
  retry_ = async::RetryEnvironment{.policy = {.initial_backoff = Duration{60'000}, .jitter = false}};
  f_.on_get(kLinks).hang().reply(200, links());
  files_[path(0)] = {kHang, with_length("503 Unavailable", "")};
  const std::vector<std::function<bool()>> moments = {[&] { return f_.client.hanging() == 1; },
                                                      [&] { return heads_.size() == 1; },
                                                      [&] { return downloads_.size() == 1; }};
  for (const auto& moment : moments) {
    async::TaskGroup group(f_.io.get_executor());
    std::optional<Outcome> outcome;
    group.spawn([&]() -> async::Task<> {
      outcome = co_await fetch_report(environment(), {.kind = kKind, .owner = "acme"}, {});
    });
    f_.run([&]() -> async::Task<> {
      const bool reached = co_await http::testing::eventually(moment);
      EXPECT_TRUE(reached);
      group.cancel();
      co_await group.join();
    }());
    ASSERT_TRUE(outcome);
    ASSERT_FALSE(*outcome);
    EXPECT_EQ(outcome->error().error.code, ErrorCode::kCancelled);
    EXPECT_FALSE(outcome->error().is_final);
  }
  EXPECT_THAT(downloads_, ElementsAre(kFailure)) << "what was cancelled is not counted";
}

TEST_F(FetchReport, EachStepHasItsReason) {
  EXPECT_EQ(reason_of(FetchStep::kLinks), work::Reason::kCopilotReportFetchError);
  EXPECT_EQ(reason_of(FetchStep::kDownload), work::Reason::kCopilotReportDownloadError);
  EXPECT_EQ(reason_of(FetchStep::kParse), work::Reason::kCopilotReportParseError);
}

}  // namespace
}  // namespace ghstats::copilot
