#include "github/limits/breaker_fsm.h"

#include <gtest/gtest.h>

#include <vector>

namespace ghstats::github {
namespace {

const Error kSilence{ErrorCode::kTimeout, "no answer within 20s"};
const Error kRefusal{ErrorCode::kNotFound, "HTTP 404"};

TEST(BreakerFsm, OpensAtOnceWithoutRateOrTokenAndWhenCancelled) {
  for (const auto code : {ErrorCode::kRateLimited, ErrorCode::kUnauthenticated, ErrorCode::kCancelled}) {
    BreakerFsm breaker(8);
    EXPECT_FALSE(breaker.is_open());
    breaker.on_error({code, "why"});
    ASSERT_TRUE(breaker.is_open()) << to_string(code);
    EXPECT_EQ(breaker.reason()->message, "why");
  }
}

TEST(BreakerFsm, OpensAfterTheGivenNumberOfSilentQuestionsInARow) {
  for (const std::size_t most : {1U, 2U, 8U}) {
    BreakerFsm breaker(most);
    for (std::size_t i = 1; i <= most; ++i) {
      EXPECT_FALSE(breaker.is_open());
      breaker.on_error({i % 2 == 0 ? ErrorCode::kTimeout : ErrorCode::kUnavailable, std::to_string(i)});
    }
    ASSERT_TRUE(breaker.is_open());
    EXPECT_EQ(breaker.reason()->message, std::to_string(most));
  }
}

TEST(BreakerFsm, AnAnswerForgetsTheSilenceBeforeIt) {
  BreakerFsm breaker(2);
  for (int i = 0; i < 10; ++i) {
    breaker.on_error(kSilence);
    breaker.on_answer();
  }
  EXPECT_FALSE(breaker.is_open());
}

// A refusal of this question says nothing about the next, and GitHub is there.
TEST(BreakerFsm, AnErrorThatGitHubAnsweredWithIsAnAnswer) {
  for (const auto code :
       {ErrorCode::kNotFound, ErrorCode::kPermissionDenied, ErrorCode::kInvalidData, ErrorCode::kTooLarge}) {
    BreakerFsm breaker(2);
    for (int i = 0; i < 10; ++i) {
      breaker.on_error(kSilence);
      breaker.on_error({code, "HTTP"});
    }
    EXPECT_FALSE(breaker.is_open()) << to_string(code);
  }
}

TEST(BreakerFsm, QuestionsThatCountAsOneAreSilentTogetherOrNotAtAll) {
  BreakerFsm breaker(2);
  const std::vector<Error> silent{kSilence, kSilence, kSilence};
  breaker.on_round(false, silent);
  EXPECT_FALSE(breaker.is_open());
  breaker.on_round(true, silent);
  breaker.on_round(false, silent);
  EXPECT_FALSE(breaker.is_open());
  breaker.on_round(false, std::vector<Error>{kSilence, kRefusal});
  breaker.on_round(false, silent);
  EXPECT_FALSE(breaker.is_open());
  breaker.on_round(false, silent);
  EXPECT_TRUE(breaker.is_open());
}

TEST(BreakerFsm, OneBarredQuestionOfARoundOpensIt) {
  BreakerFsm breaker(8);
  breaker.on_round(true, std::vector<Error>{kRefusal, {ErrorCode::kRateLimited, "until noon"}});
  ASSERT_TRUE(breaker.is_open());
  EXPECT_EQ(breaker.reason()->message, "until noon");
}

TEST(BreakerFsm, ARoundInWhichNothingWasAskedIsNoAnswer) {
  BreakerFsm breaker(2);
  breaker.on_error(kSilence);
  breaker.on_round(false, {});
  breaker.on_error(kSilence);
  EXPECT_TRUE(breaker.is_open());
}

TEST(BreakerFsm, StaysOpenForTheFirstReason) {
  BreakerFsm breaker(1);
  breaker.on_error(kSilence);
  breaker.on_answer();
  breaker.on_error({ErrorCode::kRateLimited, "until noon"});
  ASSERT_TRUE(breaker.is_open());
  EXPECT_EQ(breaker.reason()->code, ErrorCode::kTimeout);
}

}  // namespace
}  // namespace ghstats::github
