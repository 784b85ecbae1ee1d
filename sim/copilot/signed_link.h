// Addresses of the report host that carry their own permission, like those of a blob storage.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace ghstats::sim::copilot {

// "sv", "st", "se", "sr", "sp" and "sig", an HMAC of the path and of the others with a key that nobody knows.
class LinkSigner {
 public:
  LinkSigner();

  // The query part for a path, valid from `now` until `end`.
  [[nodiscard]] std::string sign(std::string_view path, TimePoint now, TimePoint end) const;

  enum class Verdict { kValid, kForged, kExpired };
  // `query` may have further parameters, which nothing vouches for.
  [[nodiscard]] Verdict check(std::string_view path, std::string_view query, TimePoint now) const;

 private:
  [[nodiscard]] std::string signature(std::string_view path, std::string_view begin, std::string_view end) const;

  std::string key_;
};

}  // namespace ghstats::sim::copilot
