// Certificates of a PEM file, trusted in addition to the system's.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"

namespace ghstats::http {

// Immutable.
class TrustedCertificates {
 public:
  // kInvalidArgument names the file when it cannot be read or holds no certificate.
  static Result<TrustedCertificates> load(const std::string& file);

  TrustedCertificates() = default;

  // False when a certificate cannot be added.
  bool add_to(SSL_CTX* context) const;

  [[nodiscard]] bool empty() const { return certificates_.empty(); }

 private:
  struct Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  std::vector<std::unique_ptr<X509, Free>> certificates_;
};

}  // namespace ghstats::http
