#include "net/tls_context.h"

#include <fmt/format.h>

#include <boost/system/system_error.hpp>

namespace ghstats::net {
namespace ssl = boost::asio::ssl;

Result<std::shared_ptr<TlsContext>> TlsContext::make(const std::string& ca_file) {
  std::shared_ptr<TlsContext> made;
  try {
    made.reset(new TlsContext);
  } catch (const boost::system::system_error& e) {
    return fail(ErrorCode::kInternal, fmt::format("TLS: {}", e.what()));
  }
  boost::system::error_code ec;
  made->context_.set_verify_mode(ssl::verify_peer, ec);
  if (ec || SSL_CTX_set_min_proto_version(made->context_.native_handle(), TLS1_2_VERSION) != 1) {
    return fail(ErrorCode::kInternal, "TLS: the context cannot be set up");
  }
  if (ca_file.empty()) {
    made->context_.set_default_verify_paths(ec);
    if (ec) return fail(ErrorCode::kInvalidArgument, fmt::format("the system's CA certificates: {}", ec.message()));
  } else {
    made->context_.load_verify_file(ca_file, ec);
    if (ec) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("CA file '{}' cannot be read or holds no certificate: {}", ca_file, ec.message()));
    }
  }
  return made;
}

}  // namespace ghstats::net
