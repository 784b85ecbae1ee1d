#include "http/trusted_certificates.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>

namespace ghstats::http {

Result<TrustedCertificates> TrustedCertificates::load(const std::string& file) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new_file(file.c_str(), "r"), BIO_free);
  if (!bio) {
    ERR_clear_error();
    return fail(ErrorCode::kInvalidArgument, fmt::format("CA file '{}' cannot be read", file));
  }
  TrustedCertificates out;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    out.certificates_.emplace_back(certificate);
  }
  // The loop ends with "no start line" after the last certificate; anything else is a broken one.
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!ended) return fail(ErrorCode::kInvalidArgument, fmt::format("CA file '{}' holds a broken certificate", file));
  if (out.empty()) return fail(ErrorCode::kInvalidArgument, fmt::format("CA file '{}' holds no certificate", file));
  return out;
}

bool TrustedCertificates::add_to(SSL_CTX* context) const {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  // Adding one that is there already succeeds (OpenSSL 1.1.1 and newer).
  return std::ranges::all_of(certificates_, [&](const auto& c) { return X509_STORE_add_cert(store, c.get()) == 1; });
}

}  // namespace ghstats::http
