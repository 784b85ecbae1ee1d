#include <gmock/gmock.h>

#include <filesystem>

#include "sim/testing/api_fixture.h"
#include "sim/testing/jwt.h"

namespace ghstats::sim {
namespace {

using testing::ApiFixture;
using testing::at;
using testing::Got;
using testing::sign_jwt;

constexpr std::int64_t kNoon = 1'795'176'000;  // 2026-11-20T12:00:00Z

std::string claims(std::int64_t iat, std::int64_t exp, const std::string& iss = "1") {
  return R"({"iat":)" + std::to_string(iat) + R"(,"exp":)" + std::to_string(exp) + R"(,"iss":")" + iss + R"("})";
}

class Auth : public ApiFixture {
 protected:
  Auth() {
    // The fixture's world with a key whose private half the test knows.
    App app;
    app.key = AppKey::generate_pem(pem_).value();
    auto with_key = std::make_unique<Simulation>(SimClock::Mode::kFrozen, at("2026-11-20T12:00:00Z"), std::move(app),
                                                 ServiceOptions{});
    simulation_ = std::move(with_key);
    for (const auto* const org : {"acme", "other"}) {
      const auto added = simulation_->world.add_account(org, AccountKind::kOrganization, at("2020-01-01T00:00:00Z"));
      simulation_->credentials.add_installation(simulation_->credentials.installations().size() + 1000, **added,
                                                at("2026-01-01T00:00:00Z"), {"contents", "metadata"});
    }
    simulation_->credentials.add_personal_token("pat", "sim-user");
    happens(R"([{"type":"add_repository","org":"acme","name":"one","at":"2020-01-01T00:00:00Z"},
                {"type":"add_repository","org":"acme","name":"two","at":"2020-01-01T00:00:00Z"},
                {"type":"add_repository","org":"other","name":"three","at":"2020-01-01T00:00:00Z"},
                {"type":"commit","repo":"acme/one","author":"ann"},{"type":"commit","repo":"acme/two","author":"ann"},
                {"type":"commit","repo":"other/three","author":"ann"}])");
  }
  std::string jwt() const { return "Bearer " + sign_jwt(pem_, claims(kNoon - 60, kNoon + 540)); }
  Got app_asks(const std::string& token) { return get_as("Bearer " + token, "/app/installations"); }
  Got mint(const std::string& body = {}, const std::string& id = "1000") {
    return send("POST", "/app/installations/" + id + "/access_tokens", {{"Authorization", jwt()}, {"User-Agent", "t"}},
                body);
  }
  std::string installation_token(const std::string& body = {}) {
    return "Bearer " + std::string(mint(body).json().at("token").as_string());
  }

  std::string pem_;
};

TEST_F(Auth, TakesNullInATokenRequestForNoWish) {
  for (const char* const body : {"null", "null\n", "", "{}"}) {
    const auto got = mint(body);
    ASSERT_EQ(got.status, 201) << body;
    EXPECT_EQ(got.json().at("repository_selection"), "all");
  }
  for (const char* const body : {"[]", "1", "nul"}) EXPECT_EQ(mint(body).status, 400) << body;
}

TEST_F(Auth, AcceptsAnAppTokenThatLivesTenMinutesAtMost) {
  EXPECT_EQ(app_asks(sign_jwt(pem_, claims(kNoon - 60, kNoon + 540))).status, 200);
  EXPECT_EQ(app_asks(sign_jwt(pem_, claims(kNoon, kNoon + 600))).status, 200);
  const auto far = app_asks(sign_jwt(pem_, claims(kNoon - 60, kNoon + 601)));
  EXPECT_EQ(far.status, 401);
  EXPECT_EQ(far.message(), "'Expiration time' claim ('exp') is too far in the future");
}

TEST_F(Auth, RefusesAppTokensWithWrongClaims) {
  EXPECT_EQ(app_asks(sign_jwt(pem_, claims(kNoon - 700, kNoon))).message(),
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the "
            "assertion expires");
  EXPECT_EQ(app_asks(sign_jwt(pem_, claims(kNoon + 1, kNoon + 500))).message(),
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
  EXPECT_EQ(app_asks(sign_jwt(pem_, claims(kNoon - 60, kNoon + 500, "2"))).status, 404);
  EXPECT_EQ(app_asks(sign_jwt(pem_, claims(kNoon - 60, kNoon + 500, "Iv23SimulatedClientId"))).status, 200);
}

TEST_F(Auth, VerifiesTheSignature) {
  auto token = sign_jwt(pem_, claims(kNoon - 60, kNoon + 500));
  std::string other_pem;
  ASSERT_TRUE(AppKey::generate_pem(other_pem).has_value());
  EXPECT_EQ(app_asks(sign_jwt(other_pem, claims(kNoon - 60, kNoon + 500))).status, 401);
  EXPECT_EQ(app_asks(sign_jwt(pem_, claims(kNoon - 60, kNoon + 500), R"({"alg":"HS256"})")).status, 401);
  token[token.find('.') + 5] ^= 1;
  EXPECT_EQ(app_asks(token).message(), "A JSON web token could not be decoded");
  EXPECT_EQ(get_as("token " + sign_jwt(pem_, claims(kNoon - 60, kNoon + 500)), "/app").status, 401);
}

TEST_F(Auth, TellsTheInstallationOfAnOrganisation) {
  const auto got = get_as(jwt(), "/orgs/ACME/installation");
  EXPECT_EQ(got.json().at("id"), 1000);
  EXPECT_EQ(got.json().at("account").at("login"), "acme");
  EXPECT_EQ(get_as(jwt(), "/orgs/nobody/installation").status, 404);
  EXPECT_EQ(get_as(jwt(), "/app/installations").json().as_array().size(), 2U);
}

TEST_F(Auth, IssuesTokensThatWorkForAnHour) {
  const auto minted = mint();
  EXPECT_EQ(minted.status, 201);
  EXPECT_EQ(minted.json().at("expires_at"), "2026-11-20T13:00:00Z");
  const std::string token(minted.json().at("token").as_string());
  EXPECT_GT(token.size(), 80U);
  EXPECT_LT(token.size(), 500U);
  EXPECT_EQ(get_as("token " + token, "/repos/acme/one/commits").status, 200);
  move_clock("2026-11-20T12:59:59Z");
  EXPECT_EQ(get_as("Bearer " + token, "/repos/acme/one/commits").status, 200);
  move_clock("2026-11-20T13:00:00Z");
  const auto expired = get_as("Bearer " + token, "/repos/acme/one/commits");
  EXPECT_EQ(expired.status, 401);
  EXPECT_EQ(expired.message(), "Bad credentials");
}

TEST_F(Auth, KeepsAppTokensAndOtherTokensApart) {
  EXPECT_EQ(get_as(jwt(), "/repos/acme/one/commits").status, 401);
  EXPECT_EQ(get_as(jwt(), "/meta").status, 200);
  EXPECT_EQ(get_as(installation_token(), "/app/installations").status, 401);
  EXPECT_EQ(get_as("Bearer pat", "/app").status, 401);
  EXPECT_EQ(get_as("Bearer pat", "/installation/repositories").status, 403);
}

TEST_F(Auth, ShowsAnInstallationItsOwnRepositoriesOnly) {
  const auto token = installation_token();
  EXPECT_EQ(get_as(token, "/installation/repositories").json().at("total_count"), 2);
  EXPECT_EQ(get_as(token, "/repos/other/three/commits").status, 404);
  EXPECT_EQ(get_as(token, "/orgs/other/repos").body, "[]");
  EXPECT_EQ(get_as("Bearer pat", "/repos/other/three/commits").status, 200);
}

TEST_F(Auth, NarrowsTokensToRepositoriesAndPermissions) {
  const auto minted = mint(R"({"repositories":["two"],"permissions":{"metadata":"read"}})");
  EXPECT_EQ(minted.json().at("repository_selection"), "selected");
  EXPECT_EQ(minted.json().at("repositories").at(0).at("name"), "two");
  const auto token = "Bearer " + std::string(minted.json().at("token").as_string());
  EXPECT_EQ(get_as(token, "/repos/acme/one").status, 404);
  EXPECT_EQ(get_as(token, "/repos/acme/two").status, 200);
  const auto refused = get_as(token, "/repos/acme/two/commits");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.message(), "Resource not accessible by integration");
  EXPECT_EQ(refused.header("X-Accepted-GitHub-Permissions"), "contents=read");
  EXPECT_EQ(mint(R"({"repositories":["three"]})").status, 422);
  EXPECT_EQ(mint({}, "77").status, 404);
}

TEST_F(Auth, RefusesSuspendedInstallations) {
  const auto token = installation_token();
  happens(R"({"type":"suspend_installation","org":"acme"})");
  EXPECT_EQ(mint().message(), "This installation has been suspended");
  EXPECT_EQ(get_as(token, "/repos/acme/one").status, 403);
}

TEST_F(Auth, ShowsPublicRepositoriesToAnyone) {
  happens(R"({"type":"add_repository","org":"acme","name":"open","private":false,"at":"2020-01-01T00:00:00Z"})");
  const auto got = send("GET", "/orgs/acme/repos", {{"User-Agent", "t"}});
  EXPECT_EQ(got.json().as_array().size(), 1U);
  EXPECT_EQ(got.header("x-ratelimit-limit"), "60");
  EXPECT_EQ(send("GET", "/repos/acme/one", {{"User-Agent", "t"}}).status, 404);
  EXPECT_EQ(get_as("Bearer wrong", "/repos/acme/open").status, 401);
}

TEST_F(Auth, InsistsOnAUserAgentAndAKnownVersion) {
  EXPECT_EQ(send("GET", "/meta", {{"Authorization", "Bearer pat"}}).status, 403);
  EXPECT_EQ(get("/meta", {{"X-GitHub-Api-Version", "2019-01-01"}}).status, 400);
  EXPECT_EQ(get("/meta", {{"X-GitHub-Api-Version", "2026-03-10"}}).status, 200);
}

TEST(AppKey, WritesAPrivateKeyOnlyItsOwnerCanRead) {
  std::string pattern = std::filesystem::temp_directory_path() / "sim-key-XXXXXX";
  const std::string folder = ::mkdtemp(pattern.data());
  const auto path = folder + "/key.pem";
  ASSERT_TRUE(AppKey::generate(path).has_value());
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(path).permissions(), perms::owner_read | perms::owner_write);
  std::filesystem::remove_all(folder);
}

TEST(AppKey, RefusesWhatIsNoPublicKey) {
  EXPECT_EQ(AppKey::from_public_pem("nothing").error().code, ErrorCode::kInvalidData);
}

TEST(Base64url, ReadsWhatItWrites) {
  for (const std::string text : {"", "a", "ab", "abc", "\xff\xfe?>"}) {
    EXPECT_EQ(base64url_decode(base64url(text)).value(), text);
  }
  EXPECT_EQ(base64url("\xff\xfe?>"), "__4_Pg");
  EXPECT_FALSE(base64url_decode("a").has_value());
  EXPECT_FALSE(base64url_decode("a+b=").has_value());
}

}  // namespace
}  // namespace ghstats::sim
