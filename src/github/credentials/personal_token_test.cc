#include "github/credentials/personal_token.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "async/testing/run.h"

namespace ghstats::github {
namespace {

class PersonalTokenFile : public ::testing::Test {
 protected:
  PersonalTokenFile() { write("ghp_one_SECRET\n"); }
  ~PersonalTokenFile() override { std::filesystem::remove(path_); }

  // Replaced as a whole, as Kubernetes and careful people do: another file under the same name.
  void write(const std::string& text) {
    const std::string fresh = path_ + ".new";
    std::ofstream(fresh) << text;
    std::filesystem::rename(fresh, path_);
  }
  std::string value_of(TokenSource& source) { return async::testing::run(source.token())->value; }

  std::string path_ =
      (std::filesystem::temp_directory_path() / ("ghstats_token_" + std::to_string(::getpid()) + "_" +
                                                 ::testing::UnitTest::GetInstance()->current_test_info()->name()))
          .string();
};

TEST_F(PersonalTokenFile, IsReadAndTrimmed) {
  write("  ghp_one_SECRET \r\n");
  const auto source = make_personal_token({path_, "", ""});
  ASSERT_TRUE(source);
  EXPECT_EQ(value_of(**source), "ghp_one_SECRET");
  EXPECT_EQ((*source)->installation_id(), "");
}

TEST_F(PersonalTokenFile, IsReadAgainWhenItIsReplaced) {
  const auto source = make_personal_token({path_, "", ""});
  write("ghp_two_SECRET");
  EXPECT_EQ(value_of(**source), "ghp_two_SECRET");
}

TEST_F(PersonalTokenFile, IsReadAgainAfterARejectionEvenWhenItLooksTheSame) {
  const auto source = make_personal_token({path_, "", ""});
  const auto first = *async::testing::run((*source)->token());
  // Same inode, size and modification time, another content.
  const auto time = std::filesystem::last_write_time(path_);
  std::fstream(path_, std::ios::in | std::ios::out) << "ghp_TWO_SECRET\n";
  std::filesystem::last_write_time(path_, time);
  EXPECT_EQ(value_of(**source), "ghp_one_SECRET");
  (*source)->rejected({"ghp_another", {}, {}});
  EXPECT_EQ(value_of(**source), "ghp_one_SECRET");
  (*source)->rejected(first);
  EXPECT_EQ(value_of(**source), "ghp_TWO_SECRET");
}

TEST_F(PersonalTokenFile, KeepsTheLastGoodTokenWhileTheFileIsUnusable) {
  const auto source = make_personal_token({path_, "", ""});
  write("");
  EXPECT_EQ(value_of(**source), "ghp_one_SECRET");
  std::filesystem::remove(path_);
  EXPECT_EQ(value_of(**source), "ghp_one_SECRET");
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);  // nobody will ever write to it
  EXPECT_EQ(value_of(**source), "ghp_one_SECRET");
  std::filesystem::remove(path_);
  write("ghp_three_SECRET");
  EXPECT_EQ(value_of(**source), "ghp_three_SECRET");
}

TEST_F(PersonalTokenFile, RefusesAtOnceWhatIsNoToken) {
  for (const std::string text : {"", " \n", "two SECRET words", "ghp_SECRET\nX-Evil: 1", "ghp_SECRET\x01x"}) {
    write(text);
    const auto source = make_personal_token({path_, "", ""});
    ASSERT_FALSE(source) << text;
    EXPECT_EQ(source.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(source.error().message.find(path_), std::string::npos);
    EXPECT_EQ(source.error().message.find("SECRET"), std::string::npos) << source.error().message;
  }
  write(std::string(70'000, 'a'));
  EXPECT_FALSE(make_personal_token({path_, "", ""}));
  EXPECT_FALSE(make_personal_token({path_ + ".absent", "", ""}));
  EXPECT_FALSE(make_personal_token({std::filesystem::temp_directory_path().string(), "", ""}));
}

TEST_F(PersonalTokenFile, MayHoldSeveralKilobytes) {
  write("ghs_1_" + std::string(8'000, 'x'));
  const auto source = make_personal_token({path_, "", ""});
  ASSERT_TRUE(source);
  EXPECT_EQ(value_of(**source).size(), 8'006U);
}

TEST(PersonalToken, ComesFromTheEnvironmentOrAsItIs) {
  ::setenv("GHSTATS_TEST_TOKEN", "ghp_env_SECRET", 1);
  const auto source = make_personal_token({"", "GHSTATS_TEST_TOKEN", ""});
  ASSERT_TRUE(source);
  EXPECT_EQ(async::testing::run((*source)->token())->value, "ghp_env_SECRET");
  const auto unset = make_personal_token({"", "GHSTATS_TEST_ABSENT", ""});
  ASSERT_FALSE(unset);
  EXPECT_EQ(unset.error().message, "environment variable GHSTATS_TEST_ABSENT is not set");
  const auto fixed = make_personal_token({"", "", "ghp_fixed_SECRET"});
  EXPECT_EQ(async::testing::run((*fixed)->token())->value, "ghp_fixed_SECRET");
  EXPECT_FALSE(make_personal_token({}));
}

}  // namespace
}  // namespace ghstats::github
