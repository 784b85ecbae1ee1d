#include "github/credentials/app_jwt.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <cstdint>

#include "base/read_file.h"

namespace ghstats::github {
namespace {

constexpr std::size_t kMaxKeyFileBytes = 64UL << 10U;
constexpr std::chrono::seconds kIssuedBefore{60};  // against a clock that is ahead of GitHub's
constexpr std::chrono::seconds kValidFor{540};     // GitHub allows ten minutes

// OpenSSL would ask on the terminal.
int refuse_password(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

// Overwrites what a string holds when it goes out of scope.
struct Wipe {
  std::string& text;
  ~Wipe() { OPENSSL_cleanse(text.data(), text.size()); }
};

}  // namespace

Result<AppKey> AppKey::parse(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                     &BIO_free);
  bool password_asked = false;
  EVP_PKEY* raw = PEM_read_bio_PrivateKey(in.get(), nullptr, &refuse_password, &password_asked);
  ERR_clear_error();
  std::shared_ptr<EVP_PKEY> key(raw, &EVP_PKEY_free);
  if (password_asked) {
    return fail(ErrorCode::kInvalidArgument, "the private key is encrypted: store it without a password");
  }
  if (!key) {
    return fail(ErrorCode::kInvalidArgument, "not a private key in PEM format (PKCS#1 or PKCS#8)");
  }
  if (EVP_PKEY_is_a(key.get(), "RSA") != 1) {
    return fail(ErrorCode::kInvalidArgument, "not an RSA key: GitHub Apps sign with RS256 only");
  }
  return AppKey(std::move(key));
}

Result<AppKey> AppKey::load(const std::string& path) {
  auto pem = read_regular_file(path, kMaxKeyFileBytes);
  if (!pem) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("private key '{}' {}", path, pem.error().message));
  }
  const Wipe wipe{*pem};
  auto key = parse(*pem);
  if (!key) return fail(key.error().with_context(fmt::format("private key '{}'", path)));
  return key;
}

Result<std::string> AppKey::sign(std::string_view data) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  std::size_t size = 0;
  std::string signature;
  bool good = context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &size, bytes, data.size()) == 1;
  if (good) {
    signature.resize(size);
    good = EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                          data.size()) == 1;
    signature.resize(size);
  }
  ERR_clear_error();
  if (!good) return fail(ErrorCode::kInternal, "signing with the App's private key failed");
  return signature;
}

std::string base64url(std::string_view bytes) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t pending = 0;
  int bits = 0;
  for (const char c : bytes) {
    pending = (pending << 8U) | static_cast<std::uint8_t>(c);
    for (bits += 8; bits >= 6; bits -= 6) out.push_back(kAlphabet[(pending >> (bits - 6)) & 63U]);
    pending &= (1U << bits) - 1U;
  }
  if (bits > 0) out.push_back(kAlphabet[(pending << (6 - bits)) & 63U]);
  return out;
}

Result<std::string> make_app_jwt(const AppKey& key, std::string_view issuer, TimePoint now) {
  const std::string quoted = boost::json::serialize(boost::json::value(boost::json::string(issuer)));
  const std::string claims = fmt::format(R"({{"iat":{},"exp":{},"iss":{}}})", to_unix_seconds(now - kIssuedBefore),
                                         to_unix_seconds(now + kValidFor), quoted);
  std::string token = base64url(R"({"alg":"RS256","typ":"JWT"})") + "." + base64url(claims);
  const auto signature = key.sign(token);
  if (!signature) return fail(signature.error());
  return token + "." + base64url(*signature);
}

}  // namespace ghstats::github
