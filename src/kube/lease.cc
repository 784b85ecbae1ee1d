#include "kube/lease.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <limits>
#include <utility>

#include "kube/micro_time.h"

namespace ghstats::kube {
namespace {

namespace json = boost::json;

constexpr std::string_view kApiVersion = "coordination.k8s.io/v1";
constexpr std::string_view kKind = "Lease";

Result<json::object> parse_object(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) return fail(ErrorCode::kInvalidData, fmt::format("not JSON: {}", error.message()));
  if (!value.is_object()) return fail(ErrorCode::kInvalidData, "not a JSON object");
  return std::move(value.get_object());
}

std::string_view name_of(json::kind kind) {
  switch (kind) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
    default:
      return "a number";
  }
}

// Takes fields of one object. The first that is wrong is kept, and from then on all read as absent.
class Fields {
 public:
  Fields(const json::object& object, std::string_view name, Status& problem)
      : object_(object), name_(name), problem_(problem) {}

  std::optional<std::string> string(std::string_view field) {
    const json::value* value = find(field);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) return complain(field, fmt::format("expected a string, got {}", name_of(value->kind())));
    return std::string(std::string_view(value->get_string()));
  }

  std::optional<std::int32_t> int32(std::string_view field, std::int32_t least) {
    const json::value* value = find(field);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) return complain(field, fmt::format("expected a number, got {}", name_of(value->kind())));
    const std::int64_t* number = value->if_int64();
    if (number == nullptr || *number > std::numeric_limits<std::int32_t>::max() ||
        *number < std::numeric_limits<std::int32_t>::min()) {
      return complain(field, "expected a whole number of 32 bits");
    }
    if (*number < least) return complain(field, fmt::format("{} is less than {}", *number, least));
    return static_cast<std::int32_t>(*number);
  }

  std::optional<TimePoint> time(std::string_view field) {
    const auto text = string(field);
    if (!text) return std::nullopt;
    const auto read = parse_micro_time(*text);
    if (!read) return complain(field, read.error().message);
    return *read;
  }

  std::optional<json::object> object(std::string_view field) {
    const json::value* value = find(field);
    if (value == nullptr) return std::nullopt;
    if (!value->is_object()) return complain(field, fmt::format("expected an object, got {}", name_of(value->kind())));
    return value->get_object();
  }

 private:
  const json::value* find(std::string_view field) const {
    if (!problem_) return nullptr;
    const json::value* value = object_.if_contains(field);
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  std::nullopt_t complain(std::string_view field, std::string_view problem) {
    problem_ = fail(ErrorCode::kInvalidData, fmt::format("field '{}{}': {}", name_, field, problem));
    return std::nullopt;
  }

  const json::object& object_;
  std::string_view name_;
  Status& problem_;
};

LeaseSpec read_spec(const json::object& object, Status& problem) {
  Fields fields(object, "spec.", problem);
  LeaseSpec out;
  out.holder_identity = fields.string("holderIdentity");
  out.lease_duration_seconds = fields.int32("leaseDurationSeconds", 1);
  out.acquire_time = fields.time("acquireTime");
  out.renew_time = fields.time("renewTime");
  out.lease_transitions = fields.int32("leaseTransitions", 0);
  return out;
}

json::object to_json(const LeaseSpec& spec) {
  json::object out;
  if (spec.holder_identity) out["holderIdentity"] = *spec.holder_identity;
  if (spec.lease_duration_seconds) out["leaseDurationSeconds"] = *spec.lease_duration_seconds;
  if (spec.acquire_time) out["acquireTime"] = format_micro_time(*spec.acquire_time);
  if (spec.renew_time) out["renewTime"] = format_micro_time(*spec.renew_time);
  if (spec.lease_transitions) out["leaseTransitions"] = *spec.lease_transitions;
  return out;
}

std::string shown(const std::optional<std::string>& text) {
  return text ? fmt::format("'{}'", text->substr(0, 64)) : "nothing";
}

Status check_is_lease(const std::optional<std::string>& api_version, const std::optional<std::string>& kind) {
  if (api_version == kApiVersion && kind == kKind) return {};
  return fail(ErrorCode::kInvalidData, fmt::format("expected apiVersion '{}' and kind '{}', got {} and {}", kApiVersion,
                                                   kKind, shown(api_version), shown(kind)));
}

Result<Lease> read_lease(const json::object& object) {
  Status problem;
  Fields fields(object, "", problem);
  const auto api_version = fields.string("apiVersion");
  const auto kind = fields.string("kind");
  if (problem) problem = check_is_lease(api_version, kind);
  Lease out;
  if (const auto metadata = fields.object("metadata")) {
    out.resource_version = Fields(*metadata, "metadata.", problem).string("resourceVersion").value_or("");
  }
  if (problem && out.resource_version.empty()) {
    problem = fail(ErrorCode::kInvalidData, "field 'metadata.resourceVersion': is missing");
  }
  if (const auto spec = fields.object("spec")) out.spec = read_spec(*spec, problem);
  if (!problem) return fail(problem.error());
  return out;
}

}  // namespace

Result<Lease> parse_lease(std::string_view json) {
  const auto object = parse_object(json);
  if (!object) return fail(object.error().with_context("Lease"));
  auto lease = read_lease(*object);
  if (!lease) return fail(lease.error().with_context("Lease"));
  lease->object = json;
  return lease;
}

std::string new_lease(const std::string& in_namespace, const std::string& name, const LeaseSpec& spec) {
  json::object metadata;
  metadata["name"] = name;
  metadata["namespace"] = in_namespace;
  json::object out;
  out["apiVersion"] = kApiVersion;
  out["kind"] = kKind;
  out["metadata"] = std::move(metadata);
  out["spec"] = to_json(spec);
  return json::serialize(out);
}

Result<std::string> with_spec(const Lease& lease, const LeaseSpec& spec) {
  auto object = parse_object(lease.object);
  if (!object) return fail(object.error().with_context("Lease"));
  (*object)["spec"] = to_json(spec);
  return json::serialize(*object);
}

}  // namespace ghstats::kube
