// The query part of a URL.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace ghstats::sim {

class Query {
 public:
  Query() = default;
  // "a=1&b=x%20y+z"; a parameter without '=' has an empty value.
  explicit Query(std::string_view text);

  // The last one of that name, as most web frameworks do it.
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
  [[nodiscard]] std::string get_or(std::string_view name, std::string_view otherwise) const;
  // Absent when missing; kInvalidData when it is no RFC 3339 time.
  [[nodiscard]] Result<std::optional<TimePoint>> time(std::string_view name) const;
  // The same query with `page` set, for links.
  [[nodiscard]] std::string with_page(std::size_t page) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

// '+' stays as it is.
std::string percent_decode(std::string_view text);

}  // namespace ghstats::sim
