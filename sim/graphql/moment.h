// The world while one query looks at it.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/access/identity.h"
#include "sim/access/rate_limit.h"
#include "sim/graphql/cost.h"
#include "sim/graphql/search_index.h"
#include "sim/world/world.h"

namespace ghstats::sim::graphql {

// What was said about the issues and pull requests of a repository until now, by their numbers, in the order shown.
struct Discussion {
  std::unordered_map<std::uint64_t, TimePoint> updated_at;
  std::unordered_map<std::uint64_t, std::vector<const Review*>> reviews;  // those that may be seen
  std::unordered_map<std::uint64_t, std::vector<const IssueComment*>> comments;
  std::unordered_map<std::uint64_t, std::vector<const ReviewComment*>> review_comments;
};

// Everything it refers to outlives it. Not thread-safe.
class Moment {
 public:
  Moment(World& world, const Identity& identity, TimePoint now, const SearchIndex& index, std::string app_login)
      : world_(world), identity_(identity), now_(now), index_(index), app_login_(std::move(app_login)) {}
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;

  [[nodiscard]] World& world() const { return world_; }
  [[nodiscard]] const Identity& identity() const { return identity_; }
  [[nodiscard]] TimePoint now() const { return now_; }
  [[nodiscard]] const SearchIndex& index() const { return index_; }
  // Of the App's bot, "name[bot]".
  [[nodiscard]] const std::string& app_login() const { return app_login_; }

  // Whether there is such a repository for who asks. Blocked ones are not served.
  [[nodiscard]] bool sees(const Repository& repository) const {
    return identity_.sees(repository, now_) && repository.blocked.at(now_).status == 0;
  }
  // PENDING reviews are their author's.
  [[nodiscard]] bool sees(const Review& review) const;
  // Whether an App was granted it; others need nothing.
  [[nodiscard]] bool may(std::string_view permission) const {
    return identity_.kind != Identity::Kind::kInstallation || identity_.permissions.contains(std::string(permission));
  }
  // Found out once for each repository.
  [[nodiscard]] const Discussion& discussion(const Repository& repository) const;

  // What rateLimit{} tells; without a budget there are no limits.
  Cost cost;
  std::optional<RateBucket::State> budget;

 private:
  World& world_;
  const Identity& identity_;
  TimePoint now_;
  const SearchIndex& index_;
  std::string app_login_;
  mutable std::unordered_map<const Repository*, Discussion> discussions_;
};

}  // namespace ghstats::sim::graphql
