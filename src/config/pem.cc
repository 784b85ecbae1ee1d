#include "config/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace ghstats::config {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

std::unique_ptr<BIO, Free> source(std::string_view text) {
  return std::unique_ptr<BIO, Free>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

int no_passphrase(char*, int, int, void*) {
  return 0;
}

}  // namespace

Status check_private_key(std::string_view pem) {
  if (pem.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || pem.contains("Proc-Type: 4,ENCRYPTED")) {
    return fail(ErrorCode::kInvalidArgument,
                "holds an encrypted private key; allowed is one without a passphrase (decrypt it with 'openssl pkey')");
  }
  const auto bio = source(pem);
  const std::unique_ptr<EVP_PKEY, Free> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!key) {
    return fail(ErrorCode::kInvalidArgument, "holds no private key; allowed is RSA in PEM (PKCS#1 or PKCS#8)");
  }
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return fail(ErrorCode::kInvalidArgument, "holds a private key that is not RSA; GitHub Apps sign with RSA");
  }
  return {};
}

Status check_certificates(std::string_view pem) {
  const auto bio = source(pem);
  const std::unique_ptr<X509, Free> first(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!first) return fail(ErrorCode::kInvalidArgument, "holds no certificate; allowed are certificates in PEM");
  return {};
}

}  // namespace ghstats::config
