// The JSON Web Token a GitHub App authenticates with as itself (github-api.md 1.1).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace ghstats::github {

// An RSA private key. Copies share it; signing is thread-safe.
class AppKey {
 public:
  // PEM, PKCS#1 or PKCS#8. kInvalidArgument for anything else: no PEM, encrypted (a password is never asked for), not
  // RSA. The message names the reason and never holds any part of the key.
  static Result<AppKey> parse(std::string_view pem);
  // The same from a file of at most 64 KiB, which is read once; the message names the path.
  static Result<AppKey> load(const std::string& path);

  // RSASSA-PKCS1-v1_5 with SHA-256, raw bytes. kInternal when OpenSSL fails.
  [[nodiscard]] Result<std::string> sign(std::string_view data) const;

 private:
  explicit AppKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

// RFC 7515: base64url without padding.
std::string base64url(std::string_view bytes);

// RS256 with iat = now - 60 s and exp = now + 540 s. `issuer` is the App id or its client id. The result is a secret.
Result<std::string> make_app_jwt(const AppKey& key, std::string_view issuer, TimePoint now);

}  // namespace ghstats::github
