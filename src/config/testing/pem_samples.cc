#include "config/testing/pem_samples.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <functional>

namespace ghstats::config::testing {
namespace {

EVP_PKEY* rsa() {
  static EVP_PKEY* const key = EVP_RSA_gen(2048);
  return key;
}

std::string written(const std::function<int(BIO*)>& write) {
  BIO* const bio = BIO_new(BIO_s_mem());
  std::string text;
  if (write(bio) == 1) {
    std::array<char, 8192> buffer{};
    for (int n = 0; (n = BIO_read(bio, buffer.data(), static_cast<int>(buffer.size()))) > 0;) {
      text.append(buffer.data(), static_cast<std::size_t>(n));
    }
  }
  BIO_free(bio);
  return text;
}

std::string traditional(EVP_PKEY* key, const EVP_CIPHER* cipher, const char* passphrase) {
  return written([&](BIO* bio) {
    return PEM_write_bio_PrivateKey_traditional(bio, key, cipher,
                                                reinterpret_cast<unsigned char*>(const_cast<char*>(passphrase)),
                                                passphrase == nullptr ? 0 : 6, nullptr, nullptr);
  });
}

std::string pkcs8(EVP_PKEY* key, const EVP_CIPHER* cipher, const char* passphrase) {
  return written([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, passphrase, passphrase == nullptr ? 0 : 6, nullptr, nullptr);
  });
}

std::string self_signed() {
  X509* const x509 = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), 0);
  X509_gmtime_adj(X509_getm_notAfter(x509), 86'400);
  X509_set_pubkey(x509, rsa());
  X509_NAME* const name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(x509, name);
  X509_sign(x509, rsa(), EVP_sha256());
  std::string text = written([&](BIO* bio) { return PEM_write_bio_X509(bio, x509); });
  X509_free(x509);
  return text;
}

}  // namespace

const std::string& rsa_pkcs1() {
  static const std::string pem = traditional(rsa(), nullptr, nullptr);
  return pem;
}
const std::string& rsa_pkcs8() {
  static const std::string pem = pkcs8(rsa(), nullptr, nullptr);
  return pem;
}
const std::string& rsa_pkcs1_encrypted() {
  static const std::string pem = traditional(rsa(), EVP_aes_128_cbc(), "sesame");
  return pem;
}
const std::string& rsa_pkcs8_encrypted() {
  static const std::string pem = pkcs8(rsa(), EVP_aes_128_cbc(), "sesame");
  return pem;
}
const std::string& rsa_public() {
  static const std::string pem = written([](BIO* bio) { return PEM_write_bio_PUBKEY(bio, rsa()); });
  return pem;
}
const std::string& ec_pkcs8() {
  static const std::string pem = [] {
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    std::string text = pkcs8(key, nullptr, nullptr);
    EVP_PKEY_free(key);
    return text;
  }();
  return pem;
}
const std::string& certificate() {
  static const std::string pem = self_signed();
  return pem;
}

}  // namespace ghstats::config::testing
