#include "kube/testing/lease_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kube/testing/go_time.h"
#include "kube/testing/status_body.h"

namespace ghstats::kube::testing {
namespace {

using Causes = std::vector<StatusDetails::Cause>;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_dns_label(std::string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_dns_subdomain(std::string_view text) {
  constexpr std::size_t kLongest = 253;
  if (text.size() > kLongest) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_dns_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

void complain(Causes& causes, std::string_view field, std::string_view value, std::string_view why) {
  causes.push_back({"FieldValueInvalid", fmt::format("Invalid value: {}: {}", value, why), std::string(field)});
}

void check_name(const GoMetadata& metadata, Causes& causes) {
  if (metadata.name.empty()) {
    causes.push_back({"FieldValueRequired", "Required value: name or generateName is required", "metadata.name"});
  } else if (!is_dns_subdomain(metadata.name)) {
    complain(causes, "metadata.name", go_quoted(metadata.name),
             "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
             "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
             R"('[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'))");
  }
}

void check_spec(const GoLeaseSpec& spec, Causes& causes) {
  if (spec.lease_duration_seconds && *spec.lease_duration_seconds <= 0) {
    complain(causes, "spec.leaseDurationSeconds", std::to_string(*spec.lease_duration_seconds),
             "must be greater than 0");
  }
  if (spec.lease_transitions && *spec.lease_transitions < 0) {
    complain(causes, "spec.leaseTransitions", std::to_string(*spec.lease_transitions),
             "must be greater than or equal to 0");
  }
  if (spec.strategy && *spec.strategy != "OldestEmulationVersion" && !spec.strategy->contains('/')) {
    causes.push_back(
        {"FieldValueNotSupported",
         fmt::format("Unsupported value: {}: supported values: \"OldestEmulationVersion\"", go_quoted(*spec.strategy)),
         "spec.strategy.strategy"});
  }
  const bool preferred = spec.preferred_holder && !spec.preferred_holder->empty();
  if (preferred && (!spec.strategy || spec.strategy->empty())) {
    causes.push_back(
        {"FieldValueForbidden", "Forbidden: may only be specified if `strategy` is defined", "spec.preferredHolder"});
  }
}

std::optional<http::Response> refused(const GoLease& lease, Causes causes) {
  check_spec(lease.spec, causes);
  if (causes.empty()) return std::nullopt;
  return invalid("Lease", lease.metadata.name, std::move(causes));
}

}  // namespace

std::optional<http::Response> refused_create(const GoLease& lease) {
  Causes causes;
  check_name(lease.metadata, causes);
  return refused(lease, std::move(causes));
}

std::optional<http::Response> refused_update(const GoLease& lease) {
  return refused(lease, {});
}

}  // namespace ghstats::kube::testing
