#include "sim/copilot/signed_link.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/time_format.h"
#include "http/message.h"
#include "sim/rest/query.h"

namespace ghstats::sim::copilot {
namespace {

constexpr std::size_t kKeyBytes = 32;

}  // namespace

LinkSigner::LinkSigner() : key_(kKeyBytes, '\0') {
  RAND_bytes(reinterpret_cast<unsigned char*>(key_.data()), static_cast<int>(key_.size()));
}

std::string LinkSigner::signature(std::string_view path, std::string_view begin, std::string_view end) const {
  const auto text = fmt::format("{}\n{}\n{}", path, begin, end);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), digest, &size);
  std::string base64(4 * ((size + 2) / 3) + 1, '\0');
  base64.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), digest, static_cast<int>(size))));
  return base64;
}

std::string LinkSigner::sign(std::string_view path, TimePoint now, TimePoint end) const {
  const auto begins = format_rfc3339(now);
  const auto ends = format_rfc3339(end);
  return fmt::format("sv=2025-05-05&st={}&se={}&sr=b&sp=r&sig={}", http::percent_encode(begins),
                     http::percent_encode(ends), http::percent_encode(signature(path, begins, ends)));
}

LinkSigner::Verdict LinkSigner::check(std::string_view path, std::string_view query, TimePoint now) const {
  const Query parameters(query);
  const auto ends = parameters.get_or("se", "");
  const auto end = parse_rfc3339(ends);
  if (!end || parameters.get_or("sig", "") != signature(path, parameters.get_or("st", ""), ends)) {
    return Verdict::kForged;
  }
  return now < *end ? Verdict::kValid : Verdict::kExpired;
}

}  // namespace ghstats::sim::copilot
