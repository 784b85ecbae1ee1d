#include "kube/token_file.h"

#include <gtest/gtest.h>

#include "kube/testing/service_account.h"

namespace ghstats::kube {
namespace {

using std::chrono::seconds;

class TokenFileTest : public ::testing::Test {
 protected:
  std::string token(SteadyPoint now) {
    const auto read = file_.token(now);
    return read ? *read : "error: " + read.error().message;
  }

  testing::ServiceAccountFolder account_{"", " first\n"};
  std::string path_ = account_.files().token;
  TokenFile file_{path_};
  SteadyPoint start_{std::chrono::hours{5}};
};

TEST_F(TokenFileTest, ReadsAgainAfterAMinute) {
  EXPECT_EQ(token(start_), "first");
  account_.set_token("second");
  EXPECT_EQ(token(start_ + seconds{59}), "first");
  EXPECT_EQ(token(start_ + seconds{60}), "second");
  account_.set_token("third");
  EXPECT_EQ(token(start_ + seconds{119}), "second");
  EXPECT_EQ(token(start_ + seconds{120}), "third");
}

TEST_F(TokenFileTest, ReadsAgainAfterARejection) {
  EXPECT_EQ(token(start_), "first");
  account_.set_token("second");
  file_.rejected("first");
  EXPECT_EQ(token(start_), "second");
}

TEST_F(TokenFileTest, ALateRejectionOfAnOldTokenChangesNothing) {
  EXPECT_EQ(token(start_), "first");
  account_.set_token("second");
  EXPECT_EQ(token(start_ + seconds{60}), "second");
  account_.set_token("third");
  file_.rejected("first");
  EXPECT_EQ(token(start_ + seconds{61}), "second");
}

TEST_F(TokenFileTest, KeepsTheLastTokenWhileTheFileCannotBeRead) {
  EXPECT_EQ(token(start_), "first");
  EXPECT_TRUE(file_.last_reading());
  account_.remove_token();
  EXPECT_EQ(token(start_ + seconds{60}), "first");
  ASSERT_FALSE(file_.last_reading());
  EXPECT_EQ(file_.last_reading().error().message, "token file '" + path_ + "': does not exist");
  account_.set_token("");
  EXPECT_EQ(token(start_ + seconds{61}), "first");
  account_.set_token("second");
  EXPECT_EQ(token(start_ + seconds{62}), "second");
  EXPECT_TRUE(file_.last_reading());
}

TEST_F(TokenFileTest, KeepsARejectedTokenWhenThereIsNoOther) {
  EXPECT_EQ(token(start_), "first");
  account_.remove_token();
  file_.rejected("first");
  EXPECT_EQ(token(start_), "first");
}

TEST_F(TokenFileTest, WithoutAnyTokenItIsAnError) {
  account_.remove_token();
  EXPECT_EQ(token(start_), "error: token file '" + path_ + "': does not exist");
  account_.set_token(" \t\n");
  EXPECT_EQ(token(start_), "error: token file '" + path_ + "': holds no token");
  account_.set_token("first");
  EXPECT_EQ(token(start_), "first");
}

TEST_F(TokenFileTest, NeverTellsWhatIsInTheFile) {
  for (const char* content : {"sec ret", "secret\nsecret", "sec\x01ret", "secr\xC3\xA9t"}) {
    account_.set_token(content);
    const auto read = read_token(path_);
    ASSERT_FALSE(read) << content;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(read.error().message, "token file '" + path_ + "': the token holds blanks or control characters");
  }
}

}  // namespace
}  // namespace ghstats::kube
