// What PEM files must hold. Messages go on after "the file " and never repeat any of it.
#pragma once

#include <string_view>

#include "base/error.h"

namespace ghstats::config {

// An RSA private key, PKCS#1 or PKCS#8, not encrypted. Never asks for a passphrase.
Status check_private_key(std::string_view pem);

// At least one certificate.
Status check_certificates(std::string_view pem);

}  // namespace ghstats::config
