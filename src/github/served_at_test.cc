// Which instant of GitHub's clock an answer stands for: what checkpoints and versions are made of.
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;

class ServedAt : public ::testing::Test {
 protected:
  ServedAt() {
    github_.on_get("/x").call([this](const http::Request&) -> Result<http::Response> {
      http::Response response{.status = status_, .headers = {}, .body = "{}", .url = {}};
      if (date_) response.headers.add("Date", *date_);
      return response;
    });
  }
  // Asks once; GitHub's clock is `ahead` of the true time.
  TimePoint ask(std::chrono::nanoseconds ahead) {
    date_ = format_http_date(truth_ + ahead);
    return ask();
  }
  TimePoint ask() {
    const auto response = github_.run(github_.api.get({"x", "get x", "/x", {404}, false, false}));
    EXPECT_TRUE(response);
    return github_.api.served_at(*response);
  }

  testing::ApiFixture github_;
  const TimePoint truth_ = github_.clock.now();
  std::optional<std::string> date_;
  int status_ = 200;
};

TEST_F(ServedAt, IsTheDateWhereItIsCredible) {
  EXPECT_EQ(ask(0s), truth_);
  EXPECT_EQ(ask(-30s), truth_ - 30s);
  EXPECT_EQ(ask(30s), truth_ + 30s);
}

TEST_F(ServedAt, IsOurClockWithoutAUsableDate) {
  EXPECT_EQ(ask(), truth_);
  for (const std::string date : {"", "yesterday", "Sun, 99 Nov 2026 00:00:00 GMT", "1790000000"}) {
    date_ = date;
    EXPECT_EQ(ask(), truth_) << date;
  }
}

TEST_F(ServedAt, OneAnswerThreeDaysAheadIsNotBelieved) {
  EXPECT_EQ(ask(72h), truth_ + kSkewTolerance) << "the very first, too";
  for (int i = 0; i < 9; ++i) EXPECT_EQ(ask(0s), truth_);
  EXPECT_EQ(ask(72h), truth_ + kSkewTolerance);
  EXPECT_EQ(ask(0s), truth_);
}

TEST_F(ServedAt, ItNeverPassesOurClockWhateverAllAnswersSay) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask(72h), truth_ + kSkewTolerance);
}

TEST_F(ServedAt, ItNeverPassesGitHubsClockWhateverOurClockSays) {
  for (int i = 0; i < 9; ++i) ask(0s);
  github_.clock.jump(168h);
  EXPECT_EQ(ask(0s), truth_);
  EXPECT_EQ(ask(168h), truth_ + 500ms + kSkewTolerance) << "an answer that agrees with our clock alone";
  date_.reset();
  EXPECT_EQ(ask(), truth_ + 500ms);
}

TEST_F(ServedAt, ADateFromThePastIsTaken) {
  for (int i = 0; i < 9; ++i) ask(0s);
  EXPECT_EQ(ask(-72h), truth_ - 72h) << "an answer kept by a proxy says when it was made";
  EXPECT_EQ(github_.api.now(), truth_);
}

TEST_F(ServedAt, AProxysErrorPageSaysNothingAboutGitHubsClock) {
  status_ = 404;
  for (int i = 0; i < 9; ++i) ask(0s);
  status_ = 502;
  date_ = format_http_date(truth_ - 72h);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(github_.run(github_.api.get({"x", "get x", "/x", {}, false, false})));
  EXPECT_EQ(github_.api.now(), github_.clock.now());
}

}  // namespace
}  // namespace ghstats::github
