#include "app/github_door.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "app/testing/replica_fixture.h"
#include "github/rest/get_copilot_report_links.h"
#include "github/testing/test_key.h"

namespace ghstats::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class GitHubDoorTest : public testing::ReplicaFixture {
 protected:
  void SetUp() override {
    ReplicaFixture::SetUp();
    std::ofstream(key_path_) << github::testing::kPkcs1Key;
    config_.copilot.enterprise = {.enabled = true, .slug = "acme", .app_id = 7, .private_key_path = key_path_};
    github(200, "/enterprises/acme/installation", R"({"id":8,"suspended_at":null})");
    github(200, "/orgs/acme/installation", R"({"id":9,"suspended_at":null})");
    for (const char* id : {"8", "9"}) {
      client_.on_post(std::string("https://api.github.com/app/installations/") + id + "/access_tokens")
          .reply(201, R"({"token":"ghs_SECRET","expires_at":"2036-01-01T00:00:00Z"})");
    }
    github(204, "/report", "");
  }
  void TearDown() override { std::filesystem::remove(key_path_); }

  [[nodiscard]] config::Org organisation() const {
    config::Org org;
    org.org = "acme";
    org.app_id = 7;
    org.private_key_path = key_path_;
    return org;
  }

  // What was asked for with a new door.
  std::vector<std::string> ask(Result<std::unique_ptr<GitHubDoor>> door) {
    const std::size_t before = client_.urls().size();
    EXPECT_TRUE(door) << door.error().message;
    const auto links = run(github::get_copilot_report_links(
        (*door)->api(), {.endpoint = "copilot_org_28_day", .what = "ask", .path = "/report"}));
    EXPECT_TRUE(links) << links.error().message;
    run((*door)->stop());
    const auto urls = client_.urls();
    return {urls.begin() + static_cast<std::ptrdiff_t>(before), urls.end()};
  }

  const std::string key_path_ = ::testing::TempDir() + "github-door-" + std::to_string(::getpid()) + ".pem";
};

TEST_F(GitHubDoorTest, AnEnterprisesAppIsInstalledInTheEnterprise) {
  EXPECT_THAT(ask(GitHubDoor::of_enterprise(door_, config_)),
              ElementsAre("https://api.github.com/enterprises/acme/installation",
                          "https://api.github.com/app/installations/8/access_tokens", "https://api.github.com/report"));
  EXPECT_THAT(ask(GitHubDoor::of_organisation(door_, config_, organisation())),
              ElementsAre("https://api.github.com/orgs/acme/installation",
                          "https://api.github.com/app/installations/9/access_tokens", "https://api.github.com/report"));
}

TEST_F(GitHubDoorTest, AConfiguredInstallationIsNotLookedFor) {
  config_.copilot.enterprise.installation_id = 8;
  EXPECT_THAT(ask(GitHubDoor::of_enterprise(door_, config_)),
              ElementsAre("https://api.github.com/app/installations/8/access_tokens", "https://api.github.com/report"));
}

TEST_F(GitHubDoorTest, AnEnterpriseAndAnOrganisationOfOneNameAndAppHaveLimitsOfTheirOwn) {
  const std::size_t before = gates_.size();
  const auto enterprise = GitHubDoor::of_enterprise(door_, config_);
  const auto organisation = GitHubDoor::of_organisation(door_, config_, this->organisation());
  ASSERT_TRUE(enterprise && organisation);
  EXPECT_EQ(gates_.size(), before + 2);
  const auto again = GitHubDoor::of_enterprise(door_, config_);
  EXPECT_EQ(gates_.size(), before + 2) << "one credential, one gate";
}

TEST_F(GitHubDoorTest, ErrorsNameWhoseCredentialItIs) {
  config_.copilot.enterprise.private_key_path = "/nowhere.pem";
  const auto enterprise = GitHubDoor::of_enterprise(door_, config_);
  ASSERT_FALSE(enterprise);
  EXPECT_EQ(enterprise.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(enterprise.error().message, HasSubstr("enterprise 'acme'"));
  config::Org org = organisation();
  org.private_key_path = "/nowhere.pem";
  const auto organisation = GitHubDoor::of_organisation(door_, config_, org);
  ASSERT_FALSE(organisation);
  EXPECT_THAT(organisation.error().message, HasSubstr("organisation 'acme'"));
}

}  // namespace
}  // namespace ghstats::app
