#include "app/queue_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backfill/job.h"
#include "base/time_format.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const TimePoint kNow = *parse_rfc3339("2026-11-23T05:00:00Z");

backfill::Job job() {
  backfill::Job out;
  out.job_id = "7d0f";
  out.dedup_key = "any";
  out.org = "acme";
  out.repo = "api";
  out.reason = work::Reason::kPartialScrapeError;
  out.window = {*parse_rfc3339("2026-11-23T04:00:00Z"), *parse_rfc3339("2026-11-23T04:15:00Z")};
  out.created_at = kNow - 1h;
  return out;
}

PeekedMessage peeked(std::string payload, std::string last_error = "", Status status = {}) {
  return {.queue = "dlq",
          .read = {.message = {.payload = std::move(payload),
                               .created_at = kNow - 3725s,
                               .attempt = 5,
                               .last_error = std::move(last_error)},
                   .status = std::move(status)}};
}

TEST(QueueReport, StatsAreAnAlignedTable) {
  const std::vector<queue::QueueGlance> queues = {
      {.queue = "gh.backfill.jobs", .ready = 12345, .consumers = 2, .oldest_age = 3725s + 400ms},
      {.queue = "gh.backfill.dlq"}};
  EXPECT_EQ(stats_table(queues),
            "QUEUE             READY  OLDEST  CONSUMERS\n"
            "gh.backfill.jobs  12345  1h2m5s          2\n"
            "gh.backfill.dlq       0       -          0\n");
  EXPECT_EQ(stats_json(queues),
            R"({"queues":[{"queue":"gh.backfill.jobs","ready":12345,"oldest_age_seconds":3725,"consumers":2},)"
            R"({"queue":"gh.backfill.dlq","ready":0,"oldest_age_seconds":null,"consumers":0}]})"
            "\n");
}

TEST(QueueReport, AJobIsALine) {
  const std::vector<PeekedMessage> messages = {peeked(to_message(job()), "HTTP 502")};
  EXPECT_EQ(
      peek_table(messages, kNow),
      "QUEUE  JOB   ORG   REPO  REASON                WINDOW                                     ATTEMPT     AGE  "
      "LAST ERROR\n"
      "dlq    7d0f  acme  api   partial_scrape_error  2026-11-23T04:00:00Z/2026-11-23T04:15:00Z        5  1h2m5s  "
      "HTTP 502\n");
  EXPECT_EQ(peek_json(messages, kNow),
            R"({"messages":[{"queue":"dlq","job_id":"7d0f","org":"acme","repo":"api","reason":"partial_scrape_error",)"
            R"("window_start":"2026-11-23T04:00:00Z","window_end":"2026-11-23T04:15:00Z","attempt":5,)"
            R"("created_at":"2026-11-23T03:57:55Z","age_seconds":3725,"last_error":"HTTP 502"}]})"
            "\n");
}

TEST(QueueReport, WhatIsNoJobIsShownAsItIsWithTheReason) {
  const std::vector<PeekedMessage> messages = {peeked("no \"JSON\"\n"), peeked("{}", "the worker's reason")};
  const std::string table = peek_table(messages, kNow);
  EXPECT_THAT(table, HasSubstr("; payload: \"no \\\"JSON\\\"\\n\"\n"));
  EXPECT_THAT(table, HasSubstr("  the worker's reason; payload: \"{}\"\n"));
  const std::string json = peek_json(messages, kNow);
  EXPECT_THAT(json, HasSubstr(R"("payload":"no \"JSON\"\n","payload_bytes":10})"));
  EXPECT_THAT(json, HasSubstr(R"("problem":")"));
  EXPECT_THAT(json, Not(HasSubstr("\"job_id\"")));
}

TEST(QueueReport, AJobOfALaterFormatIsNoJobToThisVersion) {
  const std::vector<PeekedMessage> messages = {
      peeked(to_message(job()), "", fail(ErrorCode::kInvalidData, "format 2 of a later version"))};
  EXPECT_THAT(peek_table(messages, kNow), HasSubstr("format 2 of a later version; payload: "));
  EXPECT_THAT(peek_json(messages, kNow), HasSubstr(R"("problem":"format 2 of a later version")"));
}

TEST(QueueReport, NothingReachesTheTerminalOrBreaksALine) {
  const std::string nasty = "\x1b[2J\r\nfaked line \xff";
  const std::vector<PeekedMessage> messages = {peeked(nasty, nasty), peeked(to_message(job()), nasty)};
  for (const std::string& text : {peek_table(messages, kNow), peek_json(messages, kNow)}) {
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\r")));
    EXPECT_THAT(text, Not(HasSubstr("\nfaked")));
    EXPECT_THAT(text, Not(HasSubstr("\xff")));
  }
}

TEST(QueueReport, LongTextsAreCutBetweenCharacters) {
  std::string umlauts = "x";
  for (int i = 0; i < 5'000; ++i) umlauts += "\u00fc";
  const std::vector<PeekedMessage> messages = {peeked(umlauts, umlauts)};
  const std::string table = peek_table(messages, kNow);
  EXPECT_LT(table.size(), 800U);
  EXPECT_THAT(table, HasSubstr("... (10001 bytes)"));
  EXPECT_THAT(table, Not(HasSubstr("\\x")));
  EXPECT_THAT(peek_json(messages, kNow), HasSubstr(R"("payload_bytes":10001)"));
  EXPECT_THAT(peek_json(messages, kNow), Not(HasSubstr("fffd")));
}

TEST(QueueReport, NothingToShow) {
  EXPECT_EQ(peek_table({}, kNow), "no messages\n");
  EXPECT_EQ(peek_json({}, kNow), "{\"messages\":[]}\n");
}

}  // namespace
}  // namespace ghstats::app
