// What HTTP client and server have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ghstats::http {

struct Header {
  std::string name;
  std::string value;
};

// Header fields in the order received or to be sent; names compare without case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> fields) : fields_(fields) {}

  void add(std::string name, std::string value) { fields_.push_back({std::move(name), std::move(value)}); }
  // The first field of that name.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
  [[nodiscard]] const std::vector<Header>& fields() const { return fields_; }

 private:
  std::vector<Header> fields_;
};

// Scheme, host and port of a URL, normalised (lower case, default port filled in): what a credential is bound to.
struct Origin {
  std::string scheme;
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const Origin&, const Origin&) = default;
};

// kInvalidArgument for anything but an absolute http or https URL with a host and without user information.
Result<Origin> origin_of(std::string_view url);

// `reference` (absolute, "//host/..", "/path" or relative) seen from `base`, RFC 3986 section 5.
Result<std::string> resolve_url(std::string_view base, std::string_view reference);

// Percent-encodes everything but unreserved characters, for one path segment or query value.
std::string percent_encode(std::string_view text);

}  // namespace ghstats::http
