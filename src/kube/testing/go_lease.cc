#include "kube/testing/go_lease.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "kube/testing/go_time.h"

namespace ghstats::kube::testing {
namespace {

namespace json = boost::json;

constexpr std::string_view kApiVersion = "coordination.k8s.io/v1";

std::string name_of(const json::value& value, bool with_number) {
  if (value.is_bool()) return "bool";
  if (value.is_string()) return "string";
  if (value.is_array()) return "array";
  if (value.is_object()) return "object";
  if (!with_number) return "number";
  const double* number = value.if_double();
  if (number == nullptr) return "number " + json::serialize(value);
  return std::trunc(*number) == *number ? fmt::format("number {:.1f}", *number) : fmt::format("number {}", *number);
}

// Decodes the fields of one Go struct in the order of the document; the first complaint of the whole document stays.
class Struct {
 public:
  Struct(std::string_view type, std::string_view path, std::string& error) : type_(type), path_(path), error_(error) {}

  void decode(const json::value& value, std::string_view field, std::string& to) {
    if (value.is_null()) return;
    if (!value.is_string()) return mismatch(value, field, "string");
    to = std::string_view(value.get_string());
  }
  void decode(const json::value& value, std::string_view field, std::optional<std::string>& to) {
    if (value.is_null()) return to.reset();
    decode(value, field, to.emplace());
  }
  void decode(const json::value& value, std::string_view field, std::optional<std::int32_t>& to) {
    if (value.is_null()) return to.reset();
    const std::int64_t* number = value.if_int64();
    const bool fits = number != nullptr && *number >= std::numeric_limits<std::int32_t>::min() &&
                      *number <= std::numeric_limits<std::int32_t>::max();
    if (!fits) return mismatch(value, field, "int32", true);
    to = static_cast<std::int32_t>(*number);
  }
  void decode_time(const json::value& value, std::string_view field, std::optional<std::int64_t>& to) {
    if (value.is_null()) return to.reset();
    if (!value.is_string()) return mismatch(value, field, "string");
    const auto read = parse_go_micro_time(value.get_string());
    if (!read) return complain(read.error());
    to = *read;
  }
  void decode(const json::value& value, std::string_view field, std::map<std::string, std::string>& to) {
    if (value.is_null()) return;
    if (!value.is_object()) return mismatch(value, field, "map[string]string");
    for (const auto& [key, item] : value.get_object()) decode(item, field, to[std::string(key)]);
  }
  void decode(const json::value& value, std::string_view field, std::string_view type, json::array& to) {
    if (value.is_null()) return;
    if (!value.is_array()) return mismatch(value, field, type);
    to = value.get_array();
  }
  void mismatch(const json::value& value, std::string_view field, std::string_view type, bool with_number = false) {
    complain(fmt::format("json: cannot unmarshal {} into Go struct field {}.{}{} of type {}",
                         name_of(value, with_number), type_, path_, field, type));
  }

 private:
  void complain(const std::string& error) {
    if (error_.empty()) error_ = error;
  }

  std::string_view type_;
  std::string_view path_;
  std::string& error_;
};

GoMetadata decode_metadata(const json::object& object, std::string& error) {
  GoMetadata out;
  Struct in("ObjectMeta", "metadata.", error);
  for (const auto& [name, value] : object) {
    if (name == "name") in.decode(value, name, out.name);
    if (name == "namespace") in.decode(value, name, out.in_namespace);
    if (name == "uid") in.decode(value, name, out.uid);
    if (name == "resourceVersion") in.decode(value, name, out.resource_version);
    if (name == "creationTimestamp") in.decode(value, name, out.creation_timestamp);
    if (name == "labels") in.decode(value, name, out.labels);
    if (name == "annotations") in.decode(value, name, out.annotations);
    if (name == "ownerReferences") in.decode(value, name, "[]v1.OwnerReference", out.owner_references);
    if (name == "finalizers") in.decode(value, name, "[]string", out.finalizers);
    if (name == "managedFields") in.decode(value, name, "[]v1.ManagedFieldsEntry", out.managed_fields);
  }
  return out;
}

GoLeaseSpec decode_spec(const json::object& object, std::string& error) {
  GoLeaseSpec out;
  Struct in("LeaseSpec", "spec.", error);
  for (const auto& [name, value] : object) {
    if (name == "holderIdentity") in.decode(value, name, out.holder_identity);
    if (name == "leaseDurationSeconds") in.decode(value, name, out.lease_duration_seconds);
    if (name == "acquireTime") in.decode_time(value, name, out.acquire_time);
    if (name == "renewTime") in.decode_time(value, name, out.renew_time);
    if (name == "leaseTransitions") in.decode(value, name, out.lease_transitions);
    if (name == "strategy") in.decode(value, name, out.strategy);
    if (name == "preferredHolder") in.decode(value, name, out.preferred_holder);
  }
  return out;
}

GoLease decode_fields(const json::object& object, std::string& error) {
  GoLease out;
  Struct in("Lease", "", error);
  for (const auto& [name, value] : object) {
    if (value.is_null()) continue;
    if (name == "metadata") {
      if (value.is_object()) out.metadata = decode_metadata(value.get_object(), error);
      if (!value.is_object()) in.mismatch(value, name, "v1.ObjectMeta");
    }
    if (name == "spec") {
      if (value.is_object()) out.spec = decode_spec(value.get_object(), error);
      if (!value.is_object()) in.mismatch(value, name, "v1.LeaseSpec");
    }
  }
  return out;
}

std::string unrecognized(const std::string& body, std::string_view why) {
  constexpr std::size_t kShown = 30;
  const std::string shown = body.empty() ? "<empty>" : body.substr(0, kShown) + " ...";
  return fmt::format(
      "the object provided is unrecognized (must be of type Lease): couldn't get version/kind; json parse error: {} "
      "({})",
      why, shown);
}

template <class T>
void put(json::object& object, std::string_view name, const T& value) {
  if (!value.empty()) object[name] = json::value_from(value);
}

template <class T>
void put(json::object& object, std::string_view name, const std::optional<T>& value) {
  if (value) object[name] = json::value_from(*value);
}

json::object encode_metadata(const GoMetadata& metadata) {
  json::object out;
  put(out, "name", metadata.name);
  put(out, "namespace", metadata.in_namespace);
  put(out, "uid", metadata.uid);
  put(out, "resourceVersion", metadata.resource_version);
  put(out, "creationTimestamp", metadata.creation_timestamp);
  put(out, "labels", metadata.labels);
  put(out, "annotations", metadata.annotations);
  put(out, "ownerReferences", metadata.owner_references);
  put(out, "finalizers", metadata.finalizers);
  put(out, "managedFields", metadata.managed_fields);
  return out;
}

json::object encode_spec(const GoLeaseSpec& spec) {
  json::object out;
  put(out, "holderIdentity", spec.holder_identity);
  put(out, "leaseDurationSeconds", spec.lease_duration_seconds);
  if (spec.acquire_time) out["acquireTime"] = go_micro_time(*spec.acquire_time);
  if (spec.renew_time) out["renewTime"] = go_micro_time(*spec.renew_time);
  put(out, "leaseTransitions", spec.lease_transitions);
  put(out, "strategy", spec.strategy);
  put(out, "preferredHolder", spec.preferred_holder);
  return out;
}

}  // namespace

std::expected<GoLease, std::string> decode_lease(const std::string& body) {
  boost::system::error_code parse_error;
  const json::value value = json::parse(body, parse_error);
  if (parse_error) return std::unexpected(unrecognized(body, parse_error.message()));
  if (value.is_null()) return GoLease{};
  if (!value.is_object()) {
    return std::unexpected(unrecognized(
        body, fmt::format("json: cannot unmarshal {} into Go value of type struct {{ APIVersion string "
                          "\"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}",
                          name_of(value, false))));
  }
  const json::object& object = value.get_object();
  std::string error;
  std::string api_version;
  std::string kind;
  Struct type("", "", error);
  if (const json::value* field = object.if_contains("apiVersion")) type.decode(*field, "apiVersion", api_version);
  if (const json::value* field = object.if_contains("kind")) type.decode(*field, "kind", kind);
  if (!error.empty()) return std::unexpected(unrecognized(body, error));
  // What is not said is taken from the URL.
  if (api_version.empty()) api_version = kApiVersion;
  if (kind.empty()) kind = "Lease";
  if (kind != "Lease" || api_version != kApiVersion) {
    error = fmt::format(R"(no kind "{}" is registered for version "{}" in scheme "pkg/api/legacyscheme/scheme.go:30")",
                        kind, api_version);
  }
  GoLease out;
  if (error.empty()) out = decode_fields(object, error);
  if (error.empty()) return out;
  const std::string version = api_version.substr(api_version.find('/') + 1);
  return std::unexpected(fmt::format("{} in version \"{}\" cannot be handled as a Lease: {}", kind, version, error));
}

json::object encode_lease(const GoLease& lease) {
  json::object out;
  out["kind"] = "Lease";
  out["apiVersion"] = kApiVersion;
  out["metadata"] = encode_metadata(lease.metadata);
  out["spec"] = encode_spec(lease.spec);
  return out;
}

}  // namespace ghstats::kube::testing
