#pragma once

#include <string>

namespace ghstats::config::testing {

// Made afresh in each process (no private key lies in the repository), the same at every call.
const std::string& rsa_pkcs1();            // as GitHub hands them out
const std::string& rsa_pkcs8();            // the same key
const std::string& rsa_pkcs1_encrypted();  // Proc-Type: 4,ENCRYPTED
const std::string& rsa_pkcs8_encrypted();  // ENCRYPTED PRIVATE KEY
const std::string& rsa_public();
const std::string& ec_pkcs8();
const std::string& certificate();  // self-signed

}  // namespace ghstats::config::testing
