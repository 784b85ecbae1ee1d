#include "kube/testing/lease_registry.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <charconv>
#include <utility>

#include "base/time_format.h"
#include "kube/testing/go_time.h"
#include "kube/testing/lease_rules.h"
#include "kube/testing/status_body.h"

namespace ghstats::kube::testing {
namespace {

namespace json = boost::json;

constexpr std::string_view kModified =
    "the object has been modified; please apply your changes to the latest version and try again";
constexpr std::uint64_t kOthersWrite = 3;  // versions are of the whole cluster

// Only JSON: the two other types that a real server takes would need their decoders here.
bool is_json(const http::ServerRequest& request) {
  const auto type = request.headers.get("Content-Type");
  if (!type || type->empty()) return true;
  const std::string_view bare = type->substr(0, type->find(';'));
  return bare == "application/json";
}

std::string text_of(const GoLease& lease) {
  return json::serialize(encode_lease(lease));
}

// What a change looks like to managedFields and versions.
std::string without_bookkeeping(GoLease lease) {
  lease.metadata.managed_fields.clear();
  lease.metadata.resource_version.clear();
  return text_of(lease);
}

// Who has set the spec: by the first word of the user agent.
void note_manager(GoLease& lease, const http::ServerRequest& request, TimePoint now) {
  const auto agent = request.headers.get("User-Agent").value_or("unknown");
  const std::string manager(agent.substr(0, agent.find('/')));
  json::object fields;
  for (const auto& [name, value] : encode_lease(lease)["spec"].as_object()) {
    fields["f:" + std::string(name)] = json::object();
  }
  json::object entry;
  entry["manager"] = manager;
  entry["operation"] = "Update";
  entry["apiVersion"] = "coordination.k8s.io/v1";
  entry["time"] = format_rfc3339(now);
  entry["fieldsType"] = "FieldsV1";
  entry["fieldsV1"] = json::object{{"f:spec", std::move(fields)}};
  json::array others;
  for (const json::value& old : lease.metadata.managed_fields) {
    const json::object* known = old.if_object();
    const json::value* name = known == nullptr ? nullptr : known->if_contains("manager");
    if (name == nullptr || *name != json::value(manager)) others.push_back(old);
  }
  lease.metadata.managed_fields = std::move(others);
  lease.metadata.managed_fields.push_back(std::move(entry));
}

std::optional<std::uint64_t> parse_version(const std::string& text) {
  if (text.empty()) return 0;
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

http::Response LeaseRegistry::handle(const RequestInfo& info, const http::ServerRequest& request,
                                     const std::vector<PolicyRule>& rules, const std::string& user,
                                     const Writer& writer, Moment now) {
  if (!info.is_resource || info.group != "coordination.k8s.io" || info.version != "v1") return no_such_path();
  if (info.resource != "leases" || !info.subresource.empty() || info.in_namespace.empty()) return no_such_resource();
  const Change change{info, request, writer, now};
  if (info.verb == "get") {
    const auto found = info.in_namespace == in_namespace_ ? object(info.name) : std::nullopt;
    return found ? json_answer(200, *found + "\n") : not_found(info.name);
  }
  if (info.verb == "delete") {
    if (info.in_namespace != in_namespace_ || !remove(info.name, now)) return not_found(info.name);
    return json_answer(200, R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success"})");
  }
  if (info.verb != "create" && info.verb != "update") return method_not_allowed();
  if (info.verb == "create" && !info.name.empty()) return method_not_allowed();
  if (!is_json(request)) return unsupported_media_type();
  auto lease = decode_lease(request.body);
  if (!lease) return bad_request(lease.error());
  if (info.verb == "create") return create(change, *std::move(lease));
  return update(change, *std::move(lease), rules, user);
}

http::Response LeaseRegistry::create(const Change& change, GoLease lease) {
  if (!lease.metadata.in_namespace.empty() && lease.metadata.in_namespace != change.info.in_namespace) {
    return bad_request("the namespace of the provided object does not match the namespace sent on the request");
  }
  return put_new(change, std::move(lease));
}

http::Response LeaseRegistry::put_new(const Change& change, GoLease lease) {
  if (change.info.in_namespace != in_namespace_) {
    return status_answer(404, "NotFound", fmt::format("namespaces \"{}\" not found", change.info.in_namespace),
                         {.name = change.info.in_namespace, .group = "", .kind = "namespaces", .causes = {}});
  }
  if (auto refused = refused_create(lease)) return *std::move(refused);
  if (change.info.verb == "create" && parse_version(lease.metadata.resource_version) != 0) {
    return status_answer(500, "", "resourceVersion should not be set on objects to be created");
  }
  if (leases_.contains(lease.metadata.name)) return already_exists(lease.metadata.name);
  lease.metadata.in_namespace = in_namespace_;
  lease.metadata.uid = fmt::format("7d1c55b2-5f0c-4c1e-9b1a-{:012x}", ++created_);
  lease.metadata.creation_timestamp = format_rfc3339(change.now.wall);
  note_manager(lease, change.request, change.now.wall);
  return json_answer(201, store(change, "create", std::move(lease)) + "\n");
}

http::Response LeaseRegistry::update(const Change& change, GoLease lease, const std::vector<PolicyRule>& rules,
                                     const std::string& user) {
  const std::string& name = change.info.name;
  GoMetadata& metadata = lease.metadata;
  if (metadata.name != name) {
    return bad_request(
        fmt::format("the name of the object ({}) does not match the name on the URL ({})", metadata.name, name));
  }
  if (!metadata.in_namespace.empty() && metadata.in_namespace != change.info.in_namespace) {
    return bad_request(fmt::format("the namespace of the object ({}) does not match the namespace on the request ({})",
                                   metadata.in_namespace, change.info.in_namespace));
  }
  const auto found = change.info.in_namespace == in_namespace_ ? leases_.find(name) : leases_.end();
  const bool exists = found != leases_.end();
  const std::string uid = exists ? found->second.metadata.uid : "";
  if (!metadata.uid.empty() && metadata.uid != uid) return conflict(name, precondition_failed(name, metadata.uid, uid));
  if (!exists) {
    RequestInfo as_create = change.info;
    as_create.verb = "create";
    return allows(rules, as_create) ? put_new(change, std::move(lease)) : forbidden(user, as_create);
  }
  const auto version = parse_version(metadata.resource_version);
  if (!version) {
    return status_answer(
        500, "", fmt::format("strconv.ParseUint: parsing {}: invalid syntax", go_quoted(metadata.resource_version)));
  }
  if (*version == 0) {
    return invalid(
        "leases", name,
        {{"FieldValueInvalid", "Invalid value: 0x0: must be specified for an update", "metadata.resourceVersion"}});
  }
  if (metadata.resource_version != found->second.metadata.resource_version) return conflict(name, kModified);
  if (auto refused = refused_update(lease)) return *std::move(refused);
  metadata.in_namespace = in_namespace_;
  metadata.uid = uid;
  metadata.creation_timestamp = found->second.metadata.creation_timestamp;
  if (without_bookkeeping(lease) == without_bookkeeping(found->second)) {
    return json_answer(200, text_of(found->second) + "\n");
  }
  note_manager(lease, change.request, change.now.wall);
  return json_answer(200, store(change, "update", std::move(lease)) + "\n");
}

std::string LeaseRegistry::precondition_failed(const std::string& name, const std::string& wanted,
                                               const std::string& actual) const {
  return fmt::format(
      "StorageError: invalid object, Code: 4, Key: /registry/leases/{}/{}, ResourceVersion: 0, AdditionalErrorMsg: "
      "Precondition failed: UID in precondition: {}, UID in object meta: {}",
      in_namespace_, name, wanted, actual);
}

std::string LeaseRegistry::store(const Change& change, std::string verb, GoLease lease) {
  revision_ += kOthersWrite;
  lease.metadata.resource_version = std::to_string(revision_);
  std::string text = text_of(lease);
  writes_.push_back({.at = change.now.steady,
                     .verb = std::move(verb),
                     .name = lease.metadata.name,
                     .holder = lease.spec.holder_identity.value_or(""),
                     .transitions = lease.spec.lease_transitions.value_or(0),
                     .resource_version = revision_,
                     .writer = change.writer,
                     .object = text});
  leases_[lease.metadata.name] = std::move(lease);
  return text;
}

bool LeaseRegistry::remove(const std::string& name, Moment now) {
  if (leases_.erase(name) == 0) return false;
  revision_ += kOthersWrite;
  writes_.push_back({.at = now.steady,
                     .verb = "delete",
                     .name = name,
                     .holder = {},
                     .resource_version = revision_,
                     .writer = {},
                     .object = {}});
  return true;
}

std::optional<std::string> LeaseRegistry::object(const std::string& name) const {
  const auto found = leases_.find(name);
  return found == leases_.end() ? std::nullopt : std::optional(text_of(found->second));
}

}  // namespace ghstats::kube::testing
