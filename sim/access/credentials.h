// Authentication: App tokens, installation tokens, personal tokens.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "sim/access/app_key.h"
#include "sim/access/identity.h"

namespace ghstats::sim {

struct App {
  std::uint64_t id = 1;
  std::string client_id = "Iv23SimulatedClientId";
  std::string slug = "github-stats-exporter";
  std::optional<AppKey> key;  // none: every JSON Web Token is refused
};

// Why somebody is refused, in GitHub's words.
struct Refusal {
  int status = 401;
  std::string message;
};

// Not thread-safe.
class Credentials {
 public:
  explicit Credentials(App app) : app_(std::move(app)) {}

  [[nodiscard]] const App& app() const { return app_; }

  Installation& add_installation(std::uint64_t id, const Account& org, TimePoint created_at,
                                 std::set<std::string> permissions);
  Installation& add_installation(std::uint64_t id, const Enterprise& enterprise, TimePoint created_at,
                                 std::set<std::string> permissions);
  // Null when there is none.
  [[nodiscard]] Installation* find_installation(std::uint64_t id);
  [[nodiscard]] Installation* find_installation(const Account& org);
  [[nodiscard]] Installation* find_installation(const Enterprise& enterprise);
  [[nodiscard]] const std::deque<Installation>& installations() const { return installations_; }

  void add_personal_token(std::string token, std::string login);

  struct Token {
    std::string text;
    TimePoint expires_at;
  };
  // Expires after one hour. More than 40 characters: "ghs_<app>_<three parts>".
  Token issue_token(const Installation& installation, std::set<std::uint64_t> only_repositories,
                    std::set<std::string> permissions, TimePoint now);
  // All installation tokens issued so far become invalid.
  void revoke_tokens() { tokens_.clear(); }

  // From the Authorization header, absent or not.
  [[nodiscard]] std::expected<Identity, Refusal> authenticate(std::optional<std::string_view> authorization,
                                                              TimePoint now) const;

 private:
  struct Issued {
    Identity identity;
    TimePoint expires_at;
  };
  App app_;
  std::deque<Installation> installations_;
  std::unordered_map<std::string, Issued> tokens_;
  std::unordered_map<std::string, std::string> personal_;  // token -> login
};

}  // namespace ghstats::sim
