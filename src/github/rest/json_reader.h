// Strict reading of GitHub's JSON. For the .cc files of this component: it shows simdjson.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace ghstats::github {

// An object whose fields are taken by name, in any order; unknown ones are ignored. The first field that is missing or
// of another type makes the whole JsonBody fail; from then on everything reads as empty, so that callers check once.
// An inner object must be read before the next field of its parent is asked for, and must not outlive its parent.
class JsonObject {
 public:
  // Required.
  std::string string(std::string_view field);
  std::uint64_t number(std::string_view field);
  std::uint64_t number_in_string(std::string_view field);  // GraphQL's BigInt
  TimePoint time(std::string_view field);                  // RFC 3339
  JsonObject object(std::string_view field);

  // Absent when the field is missing or null.
  std::optional<std::string> nullable_string(std::string_view field);
  std::optional<TimePoint> nullable_time(std::string_view field);
  std::optional<std::uint64_t> nullable_number(std::string_view field);
  std::optional<JsonObject> nullable_object(std::string_view field);

  // False when missing or null.
  bool flag(std::string_view field);

  // Whether the field is there, also as null.
  bool has(std::string_view field);

  // Required: hands every object of the array to `read`, in order. It must not be kept.
  void each(std::string_view field, const std::function<void(JsonObject&)>& read);
  // The same where null may stand for an object; counts the elements from 0.
  void each_or_null(std::string_view field, const std::function<void(std::size_t, JsonObject*)>& read);
  // Required: an array of strings.
  std::vector<std::string> strings(std::string_view field);
  // How many elements the array has: 0 when it is missing or null.
  std::size_t count(std::string_view field);

 private:
  friend class JsonBody;
  using Value = simdjson::ondemand::value;
  using Type = simdjson::ondemand::json_type;

  JsonObject(simdjson::ondemand::object object, const JsonObject* parent, std::string_view name, std::string* error)
      : object_(object), parent_(parent), name_(name), error_(error) {}

  // The value, absent when missing, null, or of another type; the latter is recorded.
  std::optional<Value> find(std::string_view field, Type type, bool required);
  void read_elements(std::string_view field, bool or_null, const std::function<void(std::size_t, JsonObject*)>& read);
  void complain(std::string_view field, std::string_view problem);
  std::optional<TimePoint> read_time(std::string_view field, bool required);
  std::optional<std::uint64_t> read_number(std::string_view field, bool required);
  std::optional<std::string> read_string(std::string_view field, bool required);

  simdjson::ondemand::object object_;
  const JsonObject* parent_;
  std::string_view name_;  // of the field that holds it; empty at the top
  std::string* error_;
};

// The body of an answer. `body` must outlive it and stays as it is, but its capacity may grow.
class JsonBody {
 public:
  explicit JsonBody(std::string& body);
  JsonBody(const JsonBody&) = delete;
  JsonBody& operator=(const JsonBody&) = delete;

  // The body as one object; absent when it is something else.
  std::optional<JsonObject> object();

  // The body as an array of objects: the next one, absent at the end and after an error. An item must not be used any
  // more when the next one is asked for.
  std::optional<JsonObject> next();

  // kInvalidData: "field 'commit.committer.date' of item 3: expected string, got number". Items count from 1. Ask after
  // every item, and after the last.
  [[nodiscard]] Status status() const;

 private:
  bool enter_array();
  void check_end();
  void set_unreadable();

  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
  simdjson::ondemand::array array_;
  simdjson::ondemand::array_iterator position_;
  simdjson::ondemand::array_iterator end_;
  std::size_t item_ = 0;  // of the array, from 1; 0 before the first and for a single object
  bool array_entered_ = false;
  std::string error_;
};

}  // namespace ghstats::github
