#include "github/credentials/app_jwt.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>

#include "github/testing/test_key.h"

namespace ghstats::github {
namespace {

std::string from_base64url(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string out(text.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  out.resize(out.size() - padding);
  return out;
}

bool verifies(std::string_view pem, const std::string& signed_part, const std::string& signature) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                     &BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size()) == 1;
}

TEST(AppJwt, IsWhatOpensslSignsForTheSameClaims) {
  for (const auto pem : {testing::kPkcs1Key, testing::kPkcs8Key}) {
    const auto key = AppKey::parse(pem);
    ASSERT_TRUE(key) << key.error().message;
    const auto jwt = make_app_jwt(*key, "12345", from_unix_seconds(1'790'000'000));
    ASSERT_TRUE(jwt);
    EXPECT_EQ(*jwt, testing::kJwt12345);
  }
}

TEST(AppJwt, VerifiesWithThePublicKeyAndHoldsTheClaims) {
  const auto key = AppKey::parse(testing::kPkcs1Key);
  const auto jwt =
      make_app_jwt(*key, "Iv1.\"quoted\"", from_unix_seconds(1'800'000'123) + std::chrono::milliseconds{999});
  ASSERT_TRUE(jwt);
  const auto first = jwt->find('.');
  const auto second = jwt->rfind('.');
  const auto header = boost::json::parse(from_base64url(jwt->substr(0, first))).as_object();
  EXPECT_EQ(header.at("alg").as_string(), "RS256");
  EXPECT_EQ(header.at("typ").as_string(), "JWT");
  const auto claims = boost::json::parse(from_base64url(jwt->substr(first + 1, second - first - 1))).as_object();
  EXPECT_EQ(claims.at("iat").as_int64(), 1'800'000'063);
  EXPECT_EQ(claims.at("exp").as_int64(), 1'800'000'663);
  EXPECT_EQ(claims.at("iss").as_string(), "Iv1.\"quoted\"");
  const auto signature = from_base64url(jwt->substr(second + 1));
  EXPECT_TRUE(verifies(testing::kPublicKey, jwt->substr(0, second), signature));
  EXPECT_FALSE(verifies(testing::kPublicKey, jwt->substr(0, second) + "x", signature));
}

// RFC 4648 section 10, in the URL alphabet and without padding.
TEST(Base64Url, MatchesTheVectorsOfRfc4648) {
  EXPECT_EQ(base64url(""), "");
  EXPECT_EQ(base64url("f"), "Zg");
  EXPECT_EQ(base64url("fo"), "Zm8");
  EXPECT_EQ(base64url("foo"), "Zm9v");
  EXPECT_EQ(base64url("foob"), "Zm9vYg");
  EXPECT_EQ(base64url("fooba"), "Zm9vYmE");
  EXPECT_EQ(base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64url("\xFB\xEF\xFF"), "--__");
}

void expect_refused(std::string_view pem, std::string_view because) {
  const auto key = AppKey::parse(pem);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(key.error().message.find(because), std::string::npos) << key.error().message;
}

TEST(AppKey, RefusesEncryptedKeysWithoutAsking) {
  expect_refused(testing::kEncryptedPkcs1Key, "encrypted");
  expect_refused(testing::kEncryptedPkcs8Key, "encrypted");
}

TEST(AppKey, RefusesWhatIsNoRsaPrivateKey) {
  expect_refused(testing::kEllipticKey, "RS256");
  expect_refused(testing::kPublicKey, "PEM");
  expect_refused("", "PEM");
  expect_refused("hunter2", "PEM");
  expect_refused(testing::kPkcs1Key.substr(0, 600), "PEM");
}

TEST(AppKey, IsLoadedFromAFileAndErrorsNameThePathOnly) {
  const auto path = std::filesystem::temp_directory_path() / ("ghstats_app_key_" + std::to_string(::getpid()));
  const std::string text = path.string();
  std::ofstream(path) << testing::kPkcs8Key;
  EXPECT_TRUE(AppKey::load(text));
  std::ofstream(path) << testing::kPkcs8Key.substr(0, 500);
  const auto broken = AppKey::load(text);
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find(text), std::string::npos);
  EXPECT_EQ(broken.error().message.find("MII"), std::string::npos);
  std::ofstream(path) << std::string(100'000, 'x');
  EXPECT_NE(AppKey::load(text).error().message.find("is larger than 65536 bytes"), std::string::npos);
  std::filesystem::remove(path);
  EXPECT_EQ(AppKey::load(text).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(AppKey::load("/").error().code, ErrorCode::kInvalidArgument);
  ASSERT_EQ(::mkfifo(text.c_str(), 0600), 0);  // nobody will ever write to it
  EXPECT_EQ(AppKey::load(text).error().message, "private key '" + text + "' is a FIFO; allowed is a regular file");
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace ghstats::github
