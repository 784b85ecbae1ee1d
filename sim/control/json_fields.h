// Reading the fields of a JSON object that a test sent.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace ghstats::sim {

// Fields that are missing, null or of another type are absent. The object must outlive it.
class Fields {
 public:
  explicit Fields(const boost::json::object& object) : object_(object) {}

  // Null for a missing field and for JSON null.
  [[nodiscard]] const boost::json::value* find(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;
  [[nodiscard]] std::optional<double> number(std::string_view name) const;
  [[nodiscard]] std::optional<bool> boolean(std::string_view name) const;
  // `otherwise` when missing; kInvalidData when it is no RFC 3339 time.
  [[nodiscard]] Result<TimePoint> time(std::string_view name, TimePoint otherwise) const;

 private:
  const boost::json::object& object_;
};

}  // namespace ghstats::sim
