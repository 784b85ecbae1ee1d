// The GitHub App's key pair, seen from GitHub's side: it has the public half.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace ghstats::sim {

class AppKey {
 public:
  // PEM "PUBLIC KEY" or "RSA PUBLIC KEY". kInvalidData when it is not one.
  static Result<AppKey> from_public_pem(const std::string& pem);
  // A new RSA-2048 pair; the private half, PKCS#1 as GitHub hands it out, goes to `path` with mode 0600.
  static Result<AppKey> generate(const std::string& path);
  // The same, handed out as text.
  static Result<AppKey> generate_pem(std::string& private_pem);

  // Checks a JSON Web Token as GitHub does: RS256 by this key, `exp` in the future but at most 10 minutes, `iat` not in
  // the future, `iss` one of the App's ids. The error's message is GitHub's; kUnauthenticated, or kNotFound for an
  // unknown issuer.
  [[nodiscard]] Status verify(std::string_view token, std::string_view app_id, std::string_view client_id,
                              TimePoint now) const;

 private:
  explicit AppKey(EVP_PKEY* key);
  std::shared_ptr<EVP_PKEY> key_;
};

// Base64url without padding; nothing when the text is not that.
std::string base64url(std::string_view bytes);
Result<std::string> base64url_decode(std::string_view text);

}  // namespace ghstats::sim
