// What a TLS client trusts.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "base/error.h"

namespace ghstats::net {

// TLS 1.2 and newer; peers must show a certificate. Shared by the streams made with it.
class TlsContext {
 public:
  // Authorities from a PEM file, and none but those: who names a private authority does not want every public one to
  // be able to vouch for the server. Empty: the system's. kInvalidArgument names the file.
  static Result<std::shared_ptr<TlsContext>> make(const std::string& ca_file);

  [[nodiscard]] boost::asio::ssl::context& native() { return context_; }

 private:
  TlsContext() : context_(boost::asio::ssl::context::tls_client) {}
  boost::asio::ssl::context context_;
};

}  // namespace ghstats::net
