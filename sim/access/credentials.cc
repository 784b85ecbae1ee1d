#include "sim/access/credentials.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "sim/world/world.h"

namespace ghstats::sim {
namespace {

constexpr std::chrono::hours kTokenLifetime{1};

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count));
  return bytes;
}

bool looks_like_jwt(std::string_view token) {
  return !token.starts_with("gh") && std::count(token.begin(), token.end(), '.') == 2;
}

}  // namespace

std::string payer(const Identity& identity) {
  switch (identity.kind) {
    case Identity::Kind::kApp:
      return "app";
    case Identity::Kind::kInstallation:
      return fmt::format("installation ID {}", identity.installation->id);
    case Identity::Kind::kPersonal:
      return "user " + identity.login;
    case Identity::Kind::kAnonymous:
      break;
  }
  return "127.0.0.1";
}

Installation& Credentials::add_installation(std::uint64_t id, const Account& org, TimePoint created_at,
                                            std::set<std::string> permissions) {
  return installations_.emplace_back(Installation{id, &org, nullptr, created_at, std::move(permissions), false});
}

Installation& Credentials::add_installation(std::uint64_t id, const Enterprise& enterprise, TimePoint created_at,
                                            std::set<std::string> permissions) {
  return installations_.emplace_back(Installation{id, nullptr, &enterprise, created_at, std::move(permissions), false});
}

Installation* Credentials::find_installation(std::uint64_t id) {
  const auto it = std::find_if(installations_.begin(), installations_.end(), [&](const auto& i) { return i.id == id; });
  return it == installations_.end() ? nullptr : &*it;
}

Installation* Credentials::find_installation(const Account& org) {
  const auto it =
      std::find_if(installations_.begin(), installations_.end(), [&](const auto& i) { return i.org == &org; });
  return it == installations_.end() ? nullptr : &*it;
}

Installation* Credentials::find_installation(const Enterprise& enterprise) {
  const auto it = std::find_if(installations_.begin(), installations_.end(),
                               [&](const auto& i) { return i.enterprise == &enterprise; });
  return it == installations_.end() ? nullptr : &*it;
}

void Credentials::add_personal_token(std::string token, std::string login) {
  personal_[std::move(token)] = std::move(login);
}

Credentials::Token Credentials::issue_token(const Installation& installation, std::set<std::uint64_t> only_repositories,
                                            std::set<std::string> permissions, TimePoint now) {
  Issued issued;
  issued.identity.kind = Identity::Kind::kInstallation;
  issued.identity.installation = &installation;
  issued.identity.only_repositories = std::move(only_repositories);
  issued.identity.permissions = std::move(permissions);
  issued.expires_at = from_unix_seconds(to_unix_seconds(now)) + kTokenLifetime;
  const auto payload = fmt::format(R"({{"exp":{},"iat":{},"ins":{},"jti":"{}"}})", to_unix_seconds(issued.expires_at),
                                   to_unix_seconds(now), installation.id, base64url(random_bytes(18)));
  const Token token{fmt::format("ghs_{}_{}.{}.{}", app_.id, base64url(R"({"alg":"ES256","typ":"JWT"})"),
                                base64url(payload), base64url(random_bytes(64))),
                    issued.expires_at};
  tokens_[token.text] = std::move(issued);
  return token;
}

std::expected<Identity, Refusal> Credentials::authenticate(std::optional<std::string_view> authorization,
                                                           TimePoint now) const {
  if (!authorization || authorization->empty()) return Identity{};
  const auto blank = authorization->find(' ');
  const auto scheme = lower_case(authorization->substr(0, blank));
  if (blank == std::string_view::npos || (scheme != "bearer" && scheme != "token")) {
    return std::unexpected(Refusal{401, "Bad credentials"});
  }
  const std::string token(authorization->substr(blank + 1));
  if (const auto issued = tokens_.find(token); issued != tokens_.end()) {
    if (issued->second.expires_at <= now) return std::unexpected(Refusal{401, "Bad credentials"});
    if (issued->second.identity.installation->suspended) {
      return std::unexpected(Refusal{403, "This installation has been suspended"});
    }
    return issued->second.identity;
  }
  if (const auto personal = personal_.find(token); personal != personal_.end()) {
    Identity identity;
    identity.kind = Identity::Kind::kPersonal;
    identity.login = personal->second;
    return identity;
  }
  // A JSON Web Token needs "Bearer".
  if (!looks_like_jwt(token) || scheme != "bearer") return std::unexpected(Refusal{401, "Bad credentials"});
  if (!app_.key) return std::unexpected(Refusal{401, "A JSON web token could not be decoded"});
  const auto verified = app_.key->verify(token, std::to_string(app_.id), app_.client_id, now);
  if (!verified) {
    const int status = verified.error().code == ErrorCode::kNotFound ? 404 : 401;
    return std::unexpected(Refusal{status, verified.error().message});
  }
  Identity identity;
  identity.kind = Identity::Kind::kApp;
  return identity;
}

}  // namespace ghstats::sim
