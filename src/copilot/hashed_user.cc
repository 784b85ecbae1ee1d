#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

#include "copilot/report_options.h"

namespace ghstats::copilot {

std::string hashed_user(const std::string& key, const std::string& login) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  const auto* text = reinterpret_cast<const unsigned char*>(login.data());
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), text, login.size(), bytes.data(), &size) ==
      nullptr) {
    throw std::runtime_error("HMAC-SHA256 is not available");  // not in OpenSSL 3, but never a login in its place
  }
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += kDigits[bytes[i] >> 4U];
    out += kDigits[bytes[i] & 15U];
  }
  return out;
}

}  // namespace ghstats::copilot
