#include "sim/access/app_key.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstring>

namespace ghstats::sim {
namespace {

constexpr std::int64_t kMaxLifetimeSeconds = 600;
constexpr char kUndecodable[] = "A JSON web token could not be decoded";
constexpr char kBadExpiry[] =
    "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion "
    "expires";
constexpr char kFarExpiry[] = "'Expiration time' claim ('exp') is too far in the future";
constexpr char kBadIssuedAt[] =
    "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::unexpected<Error> refuse(const char* message) {
  return fail(ErrorCode::kUnauthenticated, message);
}

bool signature_fits(EVP_PKEY* key, std::string_view signed_part, const std::string& signature) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size()) == 1;
}

Result<boost::json::object> decode_object(std::string_view encoded) {
  const auto text = base64url_decode(encoded);
  if (!text) return refuse(kUndecodable);
  boost::json::error_code error;
  auto value = boost::json::parse(*text, error);
  if (error || !value.is_object()) return refuse(kUndecodable);
  return std::move(value.as_object());
}

Status check_claims(const boost::json::object& claims, std::string_view app_id, std::string_view client_id,
                    std::int64_t now) {
  const auto* const exp = claims.if_contains("exp");
  if (exp == nullptr || !exp->is_int64() || exp->as_int64() <= now) return refuse(kBadExpiry);
  if (exp->as_int64() > now + kMaxLifetimeSeconds) return refuse(kFarExpiry);
  const auto* const iat = claims.if_contains("iat");
  if (iat == nullptr || !iat->is_int64() || iat->as_int64() > now) return refuse(kBadIssuedAt);
  const auto* const iss = claims.if_contains("iss");
  std::string issuer;
  if (iss != nullptr && iss->is_int64()) issuer = std::to_string(iss->as_int64());
  if (iss != nullptr && iss->is_string()) issuer = iss->as_string().c_str();
  if (issuer != app_id && issuer != client_id) return fail(ErrorCode::kNotFound, "Integration not found");
  return {};
}

}  // namespace

AppKey::AppKey(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {}

Result<AppKey> AppKey::from_public_pem(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  if (auto* const key = PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr)) return AppKey(key);
  return fail(ErrorCode::kInvalidData, "the App's public key is no PEM public key");
}

Result<AppKey> AppKey::generate_pem(std::string& private_pem) {
  auto* const key = EVP_RSA_gen(2048);
  if (key == nullptr) return fail(ErrorCode::kInternal, "cannot generate an RSA key");
  AppKey made(key);
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
  if (PEM_write_bio_PrivateKey_traditional(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return fail(ErrorCode::kInternal, "cannot write an RSA key");
  }
  char* text = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &text);
  private_pem.assign(text, static_cast<std::size_t>(size));
  return made;
}

Result<AppKey> AppKey::generate(const std::string& path) {
  std::string pem;
  auto key = generate_pem(pem);
  if (!key) return key;
  ::unlink(path.c_str());  // an older file may have other permissions
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return fail(ErrorCode::kInvalidArgument, "cannot write '" + path + "': " + std::strerror(errno));
  const bool written = ::write(fd, pem.data(), pem.size()) == static_cast<ssize_t>(pem.size());
  if (::close(fd) != 0 || !written) return fail(ErrorCode::kUnavailable, "cannot write '" + path + "'");
  return key;
}

Status AppKey::verify(std::string_view token, std::string_view app_id, std::string_view client_id,
                      TimePoint now) const {
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return refuse(kUndecodable);
  const auto header = decode_object(token.substr(0, first));
  if (!header) return std::unexpected(header.error());
  const auto* const algorithm = header->if_contains("alg");
  if (algorithm == nullptr || !algorithm->is_string() || algorithm->as_string() != "RS256") return refuse(kUndecodable);
  const auto signature = base64url_decode(token.substr(last + 1));
  if (!signature || !signature_fits(key_.get(), token.substr(0, last), *signature)) return refuse(kUndecodable);
  const auto claims = decode_object(token.substr(first + 1, last - first - 1));
  if (!claims) return std::unexpected(claims.error());
  return check_claims(*claims, app_id, client_id, to_unix_seconds(now));
}

std::string base64url(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  while (!text.empty() && text.back() == '=') text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

Result<std::string> base64url_decode(std::string_view text) {
  std::string padded;
  for (const char c : text) {
    const bool allowed =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!allowed) return fail(ErrorCode::kInvalidData, "not base64url");
    padded += c == '-' ? '+' : c == '_' ? '/' : c;
  }
  const std::size_t padding = (4 - padded.size() % 4) % 4;
  if (padding == 3) return fail(ErrorCode::kInvalidData, "not base64url");
  padded.append(padding, '=');
  std::string bytes(padded.size() / 4 * 3 + 1, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(padded.data()), static_cast<int>(padded.size()));
  if (size < 0) return fail(ErrorCode::kInvalidData, "not base64url");
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

}  // namespace ghstats::sim
