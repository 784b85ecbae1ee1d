#include "sim/control/faults.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "sim/control/json_fields.h"
#include "sim/world/world.h"

namespace ghstats::sim {
namespace {

Status check_fields(const boost::json::object& object, std::initializer_list<std::string_view> known,
                    std::string_view where) {
  for (const auto& [key, value] : object) {
    if (std::find(known.begin(), known.end(), std::string_view(key)) == known.end()) {
      return fail(ErrorCode::kInvalidData, std::string(where) + ": unknown field '" + std::string(key) + "'");
    }
  }
  return {};
}

std::string as_text(const boost::json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : boost::json::serialize(value);
}

// true means GitHub's `usual` status.
Result<std::optional<int>> refusal(const Fields& fields, const std::string& name, int usual, int other) {
  const auto* const value = fields.find(name);
  if (value == nullptr || (value->is_bool() && !value->as_bool())) return std::nullopt;
  if (value->is_bool()) return usual;
  if (!value->is_int64() || (value->as_int64() != usual && value->as_int64() != other)) {
    return fail(ErrorCode::kInvalidData,
                name + ": must be true, " + std::to_string(usual) + " or " + std::to_string(other));
  }
  return static_cast<int>(value->as_int64());
}

Status parse_refusals(const Fields& fields, FaultAction& action) {
  constexpr int kOk = 200;
  constexpr int kForbidden = 403;
  constexpr int kTooManyRequests = 429;
  constexpr int kUnavailableForLegalReasons = 451;
  const bool inside_ok = fields.integer("secondary_limit") == kOk;
  const auto secondary =
      inside_ok ? Result<std::optional<int>>(kOk) : refusal(fields, "secondary_limit", kForbidden, kTooManyRequests);
  if (!secondary) return std::unexpected(secondary.error());
  const auto primary = refusal(fields, "primary_limit", kForbidden, kTooManyRequests);
  if (!primary) return std::unexpected(primary.error());
  const auto blocked = refusal(fields, "blocked", kUnavailableForLegalReasons, kForbidden);
  if (!blocked) return std::unexpected(blocked.error());
  action.secondary_limit = *secondary;
  action.retry_after = fields.integer("retry_after");
  action.primary_limit = *primary;
  action.reset_in = fields.integer("reset_in");
  if (action.reset_in.value_or(1) < 1) return fail(ErrorCode::kInvalidData, "reset_in: must be at least 1");
  action.blocked = *blocked;
  action.permission = fields.boolean("permission").value_or(false);
  action.unauthenticated = fields.boolean("unauthenticated").value_or(false);
  action.moved = fields.boolean("moved").value_or(false);
  action.resource_limit = fields.integer("resource_limit");
  action.graphql_error = fields.text("graphql_error");
  constexpr std::array kErrors{"RATE_LIMITED", "RATE_LIMIT", "SOMETHING_WENT_WRONG", "TIMEOUT"};
  if (action.graphql_error && std::find(kErrors.begin(), kErrors.end(), *action.graphql_error) == kErrors.end()) {
    return fail(ErrorCode::kInvalidData,
                "graphql_error: RATE_LIMITED, RATE_LIMIT, SOMETHING_WENT_WRONG or TIMEOUT, not '" +
                    *action.graphql_error + "'");
  }
  return {};
}

Result<FaultAction> parse_action(const boost::json::object& object) {
  const auto known = check_fields(
      object, {"status",        "body",          "headers",         "delay_ms",        "reset",       "cut_after_bytes",
               "body_not_json", "wrong_shape",   "huge_body_bytes", "secondary_limit", "retry_after", "primary_limit",
               "reset_in",      "permission",    "unauthenticated", "blocked",         "moved",       "date_off",
               "date",          "graphql_error", "resource_limit"},
      "action");
  if (!known) return std::unexpected(known.error());
  const Fields fields(object);
  FaultAction action;
  if (const auto status = fields.integer("status")) action.status = static_cast<int>(*status);
  if (const auto* const body = fields.find("body")) action.body = as_text(*body);
  if (const auto* const headers = fields.find("headers"); headers != nullptr && headers->is_object()) {
    for (const auto& [name, value] : headers->as_object()) action.headers.add(std::string(name), as_text(value));
  }
  action.delay = std::chrono::milliseconds{fields.integer("delay_ms").value_or(0)};
  action.reset = fields.boolean("reset").value_or(false);
  if (const auto bytes = fields.integer("cut_after_bytes")) action.cut_after_bytes = static_cast<std::size_t>(*bytes);
  action.date_off = fields.integer("date_off");
  action.date = fields.text("date");
  action.body_not_json = fields.boolean("body_not_json").value_or(false);
  action.wrong_shape = fields.boolean("wrong_shape").value_or(false);
  action.huge_body_bytes = static_cast<std::size_t>(fields.integer("huge_body_bytes").value_or(0));
  const auto refusals = parse_refusals(fields, action);
  if (!refusals) return std::unexpected(refusals.error());
  return action;
}

}  // namespace

Result<Faults::Fault> Faults::parse(const boost::json::value& description) {
  if (!description.is_object()) return fail(ErrorCode::kInvalidData, "a fault must be an object");
  const auto& object = description.as_object();
  const auto known = check_fields(object, {"match", "times", "probability", "action"}, "fault");
  if (!known) return std::unexpected(known.error());
  const Fields fields(object);
  Fault fault;
  fault.description = description;
  if (const auto* const match = fields.find("match")) {
    if (!match->is_object()) return fail(ErrorCode::kInvalidData, "match: must be an object");
    const auto known_match = check_fields(match->as_object(), {"method", "path_regex", "repo", "operation"}, "match");
    if (!known_match) return std::unexpected(known_match.error());
    const Fields wanted(match->as_object());
    fault.method = wanted.text("method").value_or("");
    fault.repository = lower_case(wanted.text("repo").value_or(""));
    fault.operation = wanted.text("operation").value_or("");
    if (const auto pattern = wanted.text("path_regex")) {
      try {
        fault.path.emplace(*pattern, std::regex::ECMAScript | std::regex::optimize);
      } catch (const std::regex_error& e) {
        return fail(ErrorCode::kInvalidData, std::string("path_regex: ") + e.what());
      }
    }
  }
  if (const auto times = fields.integer("times"))
    fault.times = static_cast<std::uint64_t>(std::max<std::int64_t>(*times, 0));
  fault.probability = fields.number("probability").value_or(1.0);
  const auto* const action = fields.find("action");
  if (action == nullptr || !action->is_object()) return fail(ErrorCode::kInvalidData, "action: must be an object");
  auto parsed = parse_action(action->as_object());
  if (!parsed) return std::unexpected(parsed.error());
  fault.action = std::move(*parsed);
  return fault;
}

Status Faults::add(const boost::json::value& description) {
  std::list<Fault> added;
  const auto add_one = [&](const boost::json::value& value) -> Status {
    auto fault = parse(value);
    if (!fault) return std::unexpected(fault.error());
    added.push_back(std::move(*fault));
    return {};
  };
  if (!description.is_array()) {
    const auto one = add_one(description);
    if (!one) return one;
  } else {
    for (const auto& value : description.as_array()) {
      const auto one = add_one(value);
      if (!one) return one;
    }
  }
  faults_.splice(faults_.end(), added);
  return {};
}

boost::json::value Faults::list() const {
  boost::json::array listed;
  for (const auto& fault : faults_) {
    auto description = fault.description;
    description.as_object()["hits"] = fault.hits;
    listed.push_back(std::move(description));
  }
  return listed;
}

bool Faults::fits(const Fault& fault, const Target& target) {
  if (fault.times && fault.hits >= *fault.times) return false;
  if (!fault.method.empty() && fault.method != target.method) return false;
  if (fault.path && !std::regex_search(target.path, *fault.path)) return false;
  if (fault.action.moved && (!target.by_name || target.repository.empty())) return false;
  if (!fault.operation.empty() && fault.operation != target.operation) return false;
  const bool of_graphql = fault.action.graphql_error || fault.action.resource_limit;
  if (of_graphql && target.operation.empty()) return false;
  if (fault.repository.empty()) return true;
  const auto full = lower_case(target.repository);
  return full == fault.repository || (!full.empty() && full.substr(full.find('/') + 1) == fault.repository);
}

const FaultAction* Faults::strike(const Target& target) {
  for (auto& fault : faults_) {
    if (!fits(fault, target)) continue;
    if (fault.probability < 1 && !random_.chance(fault.probability)) continue;
    ++fault.hits;
    return &fault.action;
  }
  return nullptr;
}

}  // namespace ghstats::sim
