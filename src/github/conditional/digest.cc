#include "github/conditional/digest.h"

#include <openssl/evp.h>

#include <exception>
#include <memory>

namespace ghstats::github {

Digest sha256(std::initializer_list<std::string_view> parts) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  bool good = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (const std::string_view part : parts) {
    good = good && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  }
  Digest out{};
  good = good && EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1;
  // Out of memory, or an OpenSSL without SHA-256: nobody could go on, and two things must not have one digest.
  if (!good) std::terminate();
  return out;
}

std::string to_hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

}  // namespace ghstats::github
