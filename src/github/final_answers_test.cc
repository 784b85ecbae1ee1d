#include "github/final_answers.h"

#include <gtest/gtest.h>

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;

const SteadyPoint kNow{1h};
constexpr std::string_view kPulls = "https://api.github.com/repos/acme/api/pulls";

FinalAnswers::Final final_answer(int status = 404) {
  return {status, Error{ErrorCode::kNotFound, "HTTP " + std::to_string(status)}, ""};
}

TEST(FinalAnswers, RemembersAPathWhateverItsQuery) {
  FinalAnswers known;
  known.remember(std::string(kPulls) + "?per_page=100&page=2", AnswerKind::kNotFound, final_answer(), kNow);
  ASSERT_NE(known.find(std::string(kPulls) + "?state=all", kNow), nullptr);
  EXPECT_EQ(known.find(kPulls, kNow)->error.message, "HTTP 404");
  EXPECT_EQ(known.find(std::string(kPulls) + "/7", kNow), nullptr);
  EXPECT_EQ(known.find("https://api.github.com/repos/acme/api", kNow), nullptr);
  EXPECT_EQ(known.find("https://api.github.com/repos/acme/web/pulls", kNow), nullptr);
}

TEST(FinalAnswers, ForgetsAfterAnHour) {
  FinalAnswers known;
  known.remember(kPulls, AnswerKind::kForbidden, final_answer(403), kNow);
  EXPECT_NE(known.find(kPulls, kNow + 1h - 1ns), nullptr);
  EXPECT_EQ(known.find(kPulls, kNow + 1h), nullptr);
  EXPECT_EQ(known.size(), 0U);
}

TEST(FinalAnswers, HearingItAgainBeginsANewHour) {
  FinalAnswers known;
  known.remember(kPulls, AnswerKind::kNotFound, final_answer(), kNow);
  known.remember("https://api.github.com/x", AnswerKind::kNotFound, final_answer(), kNow + 10min);
  known.remember(kPulls, AnswerKind::kNotFound, final_answer(410), kNow + 50min);
  EXPECT_EQ(known.size(), 2U);
  EXPECT_EQ(known.find(kPulls, kNow + 1h)->status, 410);
  EXPECT_EQ(known.find("https://api.github.com/x", kNow + 1h + 10min), nullptr);
  EXPECT_NE(known.find(kPulls, kNow + 1h + 49min), nullptr);
}

TEST(FinalAnswers, ABlockIsOfTheWholeRepositoryAndOfNoOther) {
  for (const std::string base : {"https://api.github.com", "https://ghe.example/api/v3"}) {
    FinalAnswers known;
    known.remember(base + "/repos/acme/api/issues/comments?x=1", AnswerKind::kBlocked, final_answer(451), kNow);
    for (const auto* path : {"/pulls?state=all", "/pulls/7/reviews", "/commits", ""}) {
      EXPECT_NE(known.find(base + "/repos/acme/api" + path, kNow), nullptr) << path;
    }
    EXPECT_EQ(known.find(base + "/repos/acme/api2/pulls", kNow), nullptr);
    EXPECT_EQ(known.find(base + "/orgs/acme/repos", kNow), nullptr);
    known.forget(base + "/repos/acme/api/commits");
    EXPECT_EQ(known.size(), 0U);
  }
}

TEST(FinalAnswers, ABlockOutsideARepositoryIsOfItsPath) {
  FinalAnswers known;
  known.remember("https://api.github.com/repositories/1000/pulls?page=2", AnswerKind::kBlocked, final_answer(451),
                 kNow);
  EXPECT_NE(known.find("https://api.github.com/repositories/1000/pulls", kNow), nullptr);
  EXPECT_EQ(known.find("https://api.github.com/repositories/1000/commits", kNow), nullptr);
}

TEST(FinalAnswers, ASuccessEndsTheMemoryOfItsPathOnly) {
  FinalAnswers known;
  known.remember(kPulls, AnswerKind::kNotFound, final_answer(), kNow);
  known.remember("https://api.github.com/repos/acme/api/commits", AnswerKind::kNotFound, final_answer(), kNow);
  known.forget(std::string(kPulls) + "?state=all");
  EXPECT_EQ(known.find(kPulls, kNow), nullptr);
  EXPECT_NE(known.find("https://api.github.com/repos/acme/api/commits", kNow), nullptr);
}

TEST(FinalAnswers, KeepsNoMoreThanItMayAndDropsTheOldest) {
  FinalAnswers known(100);
  const auto url = [](int i) { return "https://api.github.com/repos/acme/r" + std::to_string(i) + "/pulls"; };
  for (int i = 0; i < 250; ++i) known.remember(url(i), AnswerKind::kNotFound, final_answer(), kNow + i * 1s);
  EXPECT_EQ(known.size(), 100U);
  EXPECT_EQ(known.find(url(149), kNow + 250s), nullptr);
  EXPECT_NE(known.find(url(150), kNow + 250s), nullptr);
  EXPECT_NE(known.find(url(249), kNow + 250s), nullptr);
}

TEST(FinalAnswers, AReasonIsNewsOncePerEndpointAndHour) {
  FinalAnswers known;
  EXPECT_TRUE(known.is_news("list_pulls", "needs pull_requests=read", kNow));
  EXPECT_FALSE(known.is_news("list_pulls", "needs pull_requests=read", kNow + 59min));
  EXPECT_TRUE(known.is_news("list_pulls", "needs metadata=read", kNow));
  EXPECT_TRUE(known.is_news("list_reviews", "needs pull_requests=read", kNow));
  EXPECT_TRUE(known.is_news("list_pulls", "needs pull_requests=read", kNow + 1h));
}

TEST(FinalAnswers, ReasonsWithoutEndAreNotNewsForEver) {
  FinalAnswers known;
  std::size_t news = 0;
  for (int i = 0; i < 1'000; ++i) news += known.is_news("list_pulls", "reason " + std::to_string(i), kNow) ? 1 : 0;
  EXPECT_EQ(news, FinalAnswers::kMaxReasonsTold);
}

TEST(FinalAnswers, TellsFinalAnswersFromPassingOnes) {
  struct Case {
    int status;
    std::string message;
    http::Headers headers;
    bool final;
  };
  const http::Headers needs{{"X-Accepted-GitHub-Permissions", "pull_requests=read"}};
  const std::vector<Case> cases = {
      {404, "Not Found", {}, true},
      {410, "Issues are disabled for this repo", {}, true},
      {451, "Repository access blocked", {}, true},
      {403, "Repository access blocked", {}, true},
      {403, "Resource not accessible by integration", {}, true},
      {403, "Resource not accessible by personal access token", {}, true},
      {403, "", needs, true},
      {403, "Resource protected by organization SAML enforcement.", {}, true},
      {403, "", {{"X-GitHub-SSO", "required; url=https://github.com/orgs/acme/sso?authorization_request=x"}}, true},
      {403, "`acme` forbids access via a personal access token (classic).", {}, true},
      {403, "Must have admin rights to Repository.", {}, true},
      {403, "The 'Copilot usage metrics' policy must be enabled to use this API", {}, true},
      {403, "Maximum number of login attempts exceeded. Please try again later.", {}, false},
      {403, "Some new limit. Try again in a few minutes.", needs, false},
      {403, "Request forbidden by administrative rules.", {}, false},
      {403, "You have exceeded a secondary rate limit", needs, false},
      {429, "Too Many Requests", needs, false},
      {401, "Bad credentials", {}, false},
      {409, "Git Repository is empty.", {}, false},
      {422, "Validation Failed", {}, false},
      {500, "", {}, false},
      {200, "", {}, false},
  };
  for (const auto& c : cases) {
    const http::Response response{c.status, c.headers, R"({"message":")" + c.message + "\"}", ""};
    EXPECT_EQ(FinalAnswers::is_final({response, classify(response)}), c.final) << c.status << c.message;
  }
}

}  // namespace
}  // namespace ghstats::github
