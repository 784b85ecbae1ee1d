#include <limits>

#include "base/time_format.h"
#include "sim/graphql/objects.h"

namespace ghstats::sim::graphql {

Failure forbidden() {
  return {"FORBIDDEN", "Resource not accessible by integration"};
}

Resolved database_id(std::uint64_t id) {
  if (id > std::numeric_limits<std::int32_t>::max()) return nullptr;
  return id;
}

Resolved full_database_id(std::uint64_t id) {
  return std::to_string(id);
}

Resolved time_or_null(const std::optional<TimePoint>& time, TimePoint now) {
  if (!time || *time > now) return nullptr;
  return format_rfc3339(*time);
}

}  // namespace ghstats::sim::graphql
