// Tokens of a GitHub App's installation in one organisation or enterprise (github-api.md 1.1 to 1.3).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "async/retry.h"
#include "github/credentials/app_jwt.h"
#include "github/credentials/token_source.h"
#include "github/limits/rate_gate.h"
#include "github/transport.h"
#include "log/log.h"

namespace ghstats::github {

// What an App is installed in.
enum class InstallationOwner : std::uint8_t { kOrganisation, kEnterprise };

struct InstallationTokenOptions {
  std::string issuer;                            // App id or client id
  std::optional<std::uint64_t> installation_id;  // absent: asked from GET /orgs/{org}/installation, or /enterprises/...
  AppKey key;
  async::RetryEnvironment retry;
  RateGate* gate = nullptr;  // told when a limit refuses a mint; mints themselves do not pass it. Outlives the source
  log::Logger logger;
  InstallationOwner installed_in = InstallationOwner::kOrganisation;
};

// Minted when first needed and again five minutes before expiry or when rejected; concurrent callers share one mint,
// which runs on `executor` and ends with stop(). After two fresh tokens in a row were rejected, token() fails with
// kUnauthenticated for a minute before it mints again; a mint that a limit refused is kRateLimited. `transport` must
// outlive the source.
std::unique_ptr<TokenSource> make_installation_token(boost::asio::any_io_executor executor, Transport& transport,
                                                     InstallationTokenOptions options);

}  // namespace ghstats::github
