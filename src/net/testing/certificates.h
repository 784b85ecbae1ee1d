// A certificate authority made on the spot.
#pragma once

#include <string>

namespace ghstats::net::testing {

// PEM texts, valid for a year.
struct TestCertificates {
  std::string authority;
  std::string server;
  std::string server_key;
};

// `names`: what the server's certificate is for, as OpenSSL spells subjectAltName.
TestCertificates make_certificates(const std::string& authority_name = "ghstats test CA",
                                   const std::string& names = "IP:127.0.0.1,IP:::1,DNS:localhost");

}  // namespace ghstats::net::testing
