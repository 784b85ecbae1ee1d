#include "backfill/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <random>
#include <set>

#include "base/time_format.h"

namespace ghstats::backfill {
namespace {

using work::kWholeOrganisation;
using work::Reason;

using namespace std::chrono_literals;
using ::testing::HasSubstr;

Job full_job() {
  return {.job_id = "1c0ff5a8-3f4e-4b43-9d5a-0e9f2f3b7d11",
          .dedup_key = "acme/#1296269/activity_reviews_failed/...",
          .org = "Acme-Corp",
          .repo = "api.server_2",
          .repo_id = RepoId{1296269},
          .reason = Reason::kActivityReviewsFailed,
          .window = {*parse_rfc3339("2026-11-23T04:30:00Z"), *parse_rfc3339("2026-11-23T04:45:00Z")},
          .families = {store::CollectionFamily::kPullRequests, store::CollectionFamily::kReviews},
          .copilot = {.scope = "org",
                      .scope_id = "acme",
                      .report_type = "organization-28-day",
                      .window_start_day = "2026-10-26",
                      .window_end_day = "2026-11-22"},
          .attempt = 3,
          .max_attempts = 7,
          .created_at = *parse_rfc3339("2026-11-23T04:41:29Z")};
}

// The message of contract.md and nothing else.
constexpr std::string_view kPlain =
    R"({"job_id":"1","dedup_key":"k","org":"acme","repo":"*","window_start":"2026-11-23T04:30:00Z",)"
    R"("window_end":"2026-11-23T04:45:00Z","reason":"rate_limited","attempt":1,"max_attempts":5,)"
    R"("created_at":"2026-11-23T04:41:29Z"})";

// kPlain with one field replaced by this JSON text, or removed ("").
std::string with(std::string_view field, std::string_view value) {
  boost::json::object fields = boost::json::parse(kPlain).as_object();
  if (value.empty()) {
    fields.erase(field);
  } else {
    fields[field] = boost::json::parse(value);
  }
  return boost::json::serialize(fields);
}

std::string complaint(std::string_view payload) {
  const auto job = parse_message(payload);
  if (job) return "(parses)";
  EXPECT_EQ(job.error().code, ErrorCode::kInvalidData);
  return job.error().message;
}

TEST(JobMessage, ComesBackAsItWentOut) {
  const Job job = full_job();
  const auto again = parse_message(to_message(job));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, job);
}

TEST(JobMessage, HasTheFieldsOfTheContractAndRfc3339Times) {
  const auto fields = boost::json::parse(to_message(full_job())).as_object();
  for (const char* field :
       {"job_id", "dedup_key", "org", "repo", "window_start", "window_end", "reason", "attempt", "max_attempts",
        "created_at", "scope", "scope_id", "report_type", "window_start_day", "window_end_day"}) {
    EXPECT_TRUE(fields.contains(field)) << field;
  }
  EXPECT_EQ(fields.at("window_start").as_string(), "2026-11-23T04:30:00Z");
  EXPECT_EQ(fields.at("created_at").as_string(), "2026-11-23T04:41:29Z");
  EXPECT_EQ(fields.at("reason").as_string(), "activity_reviews_failed");
}

TEST(JobMessage, LeavesOutWhatIsNotGiven) {
  Job job = full_job();
  job.repo = kWholeOrganisation;
  job.repo_id.reset();
  job.families.clear();
  job.copilot = {};
  const auto fields = boost::json::parse(to_message(job)).as_object();
  for (const char* field :
       {"repo_id", "families", "scope", "scope_id", "report_type", "window_start_day", "window_end_day"}) {
    EXPECT_FALSE(fields.contains(field)) << field;
  }
  EXPECT_EQ(*parse_message(to_message(job)), job);
}

TEST(JobMessage, BoundariesOfFractionsOfASecondSurvive) {
  Job job = full_job();
  job.window.begin += 500ms;
  EXPECT_EQ(parse_message(to_message(job))->window, job.window);
}

TEST(JobMessage, ReadsTheMessageOfAnotherExporter) {
  const auto job = parse_message(kPlain);
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->org, "acme");
  EXPECT_EQ(job->repo, kWholeOrganisation);
  EXPECT_FALSE(job->repo_id);
  EXPECT_TRUE(job->families.empty());
  EXPECT_EQ(families_of(*job).size(), kAllFamilies.size());
  EXPECT_EQ(job->reason, Reason::kRateLimited);
  EXPECT_EQ(job->max_attempts, 5);
}

TEST(JobMessage, IgnoresUnknownFieldsAndNullsOfOptionalOnes) {
  EXPECT_EQ(*parse_message(with("invented_later", R"({"a":[1,2]})")), *parse_message(kPlain));
  for (const char* field :
       {"repo_id", "families", "scope", "scope_id", "report_type", "window_start_day", "window_end_day"}) {
    EXPECT_EQ(*parse_message(with(field, "null")), *parse_message(kPlain)) << field;
  }
}

TEST(JobMessage, SortsFamiliesAndTakesEachOnce) {
  using enum store::CollectionFamily;
  const auto job = parse_message(with("families", R"(["issue_comments","commits","issue_comments"])"));
  ASSERT_TRUE(job);
  EXPECT_EQ(job->families, (std::vector{kCommits, kIssueComments}));
}

TEST(JobMessage, EveryRequiredFieldIsMissed) {
  for (const char* field : {"job_id", "dedup_key", "org", "repo", "window_start", "window_end", "reason", "attempt",
                            "max_attempts", "created_at"}) {
    EXPECT_THAT(complaint(with(field, "")), HasSubstr("field '" + std::string(field) + "': expected ")) << field;
    EXPECT_THAT(complaint(with(field, "")), HasSubstr("got nothing")) << field;
    EXPECT_THAT(complaint(with(field, "null")), HasSubstr("got null")) << field;
    EXPECT_THAT(complaint(with(field, "[]")), HasSubstr("got an array")) << field;
  }
}

TEST(JobMessage, SaysWhatIsAllowedInAWrongField) {
  const struct {
    const char* field;
    const char* value;
    const char* expected;
  } cases[] = {
      {"job_id", R"("")", "field 'job_id': expected a string of 1 to 512 bytes, got 0 bytes"},
      {"org", "7", "field 'org': expected a plain name (letters, digits, '.', '_', '-'), got another number"},
      {"org", R"("acme/../evil")", "field 'org': expected a plain name"},
      {"org", R"("..")", "field 'org': expected a plain name"},
      {"repo", R"("a b")", R"(field 'repo': expected "*" or a plain name)"},
      {"repo_id", "0", "field 'repo_id': expected a positive integer"},
      {"repo_id", "1.5", "field 'repo_id': expected a positive integer, got another number"},
      {"repo_id", "17", "field 'repo_id': the repo is \"*\""},
      {"window_start", R"("yesterday")", "field 'window_start': expected an RFC 3339 time, got another string"},
      {"window_start", "1790000000", "field 'window_start': expected an RFC 3339 time, got another number"},
      {"window_end", R"("2026-11-23T04:30:00Z")", "field 'window_end': expected a time after 'window_start'"},
      {"reason", R"("bad_luck")", "field 'reason': no known reason; allowed: scrape_error, partial_scrape_error,"},
      {"families", R"("commits")", "field 'families': expected an array of commits, pull_requests, reviews"},
      {"families", R"(["commits","stars"])", "field 'families': expected an array of commits"},
      {"attempt", "0", "field 'attempt': expected a positive integer"},
      {"attempt", "-3", "field 'attempt': expected a positive integer"},
      {"max_attempts", "99999999999", "field 'max_attempts': expected an integer of 31 bits"},
      {"window_end_day", R"("2026-02-30")", "field 'window_end_day': expected a day (YYYY-MM-DD)"},
      {"window_start_day", R"("2026-1-1")", "field 'window_start_day': expected a day (YYYY-MM-DD)"},
      {"scope", "true", "field 'scope': expected a string of 1 to 512 bytes, got a boolean"},
  };
  for (const auto& [field, value, expected] : cases) {
    EXPECT_THAT(complaint(with(field, value)), HasSubstr(expected)) << field << " = " << value;
  }
}

TEST(JobMessage, TellsAllProblemsAtOnce) {
  const std::string all = complaint(R"({"org":"acme"})");
  for (const char* field : {"job_id", "dedup_key", "repo", "window_start", "window_end", "reason", "attempt"}) {
    EXPECT_THAT(all, HasSubstr("field '" + std::string(field) + "'"));
  }
}

TEST(JobMessage, RefusesWhatIsNoJsonObject) {
  EXPECT_THAT(complaint(""), HasSubstr("not JSON"));
  EXPECT_THAT(complaint("{\"org\":"), HasSubstr("not JSON"));
  EXPECT_THAT(complaint(std::string(kPlain) + "x"), HasSubstr("not JSON"));
  EXPECT_THAT(complaint("\"*\""), HasSubstr("expected a JSON object"));
  EXPECT_THAT(complaint("[]"), HasSubstr("expected a JSON object"));
  EXPECT_THAT(complaint(std::string(1'000, '[')), HasSubstr("not JSON"));
  EXPECT_THAT(complaint("{\"a\":\"\xff\"}"), HasSubstr("not JSON"));
  EXPECT_THAT(complaint(std::string(100'000, ' ')), HasSubstr("at most 65536"));
}

// Whatever a broker hands over: no crash, and what is accepted is a job that could have been sent.
TEST(JobMessage, SurvivesDamage) {
  std::mt19937 random(1);
  const std::string original = to_message(full_job());
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = original;
    for (unsigned edits = 1 + random() % 3; edits > 0 && !damaged.empty(); --edits) {
      const std::size_t at = random() % damaged.size();
      switch (random() % 5) {
        case 0:
          damaged[at] = static_cast<char>(random());
          break;
        case 1:
          damaged.erase(at, 1 + random() % 4);
          break;
        case 2:
          damaged.insert(at, 1, "\"{}[]:,0-"[random() % 9]);
          break;
        case 3:
          damaged.insert(at, damaged.substr(random() % damaged.size(), random() % 20));
          break;
        default:
          if (random() % 20 == 0) damaged.resize(at);
      }
    }
    const auto job = parse_message(damaged);
    if (!job) {
      ASSERT_EQ(job.error().code, ErrorCode::kInvalidData);
      ASSERT_FALSE(job.error().message.empty());
      continue;
    }
    ++accepted;
    ASSERT_FALSE(job->window.empty());
    ASSERT_EQ(job->org.find_first_of("/ \n?#%"), std::string::npos) << job->org;
    ASSERT_EQ(job->repo.find_first_of("/ \n?#%"), std::string::npos) << job->repo;
    ASSERT_GE(job->attempt, 1);
    const auto again = parse_message(to_message(*job));
    ASSERT_TRUE(again) << again.error().message << "\n" << damaged;
  }
  EXPECT_GT(accepted, 100);
  EXPECT_LT(accepted, 19'900);
}

TEST(Job, NothingAfterItsMakingWasMissed) {
  Job job = full_job();
  EXPECT_EQ(missed_window(job), (TimeWindow{job.window.begin, job.created_at}));
  job.created_at = job.window.end + 1h;
  EXPECT_EQ(missed_window(job), job.window);
  job.created_at = job.window.begin - 1h;
  EXPECT_EQ(missed_window(job), job.window);
}

TEST(Job, IdsAreRandomUuids) {
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    const std::string id = make_job_id();
    ASSERT_THAT(id, ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    ASSERT_TRUE(seen.insert(id).second);
  }
}

}  // namespace
}  // namespace ghstats::backfill
