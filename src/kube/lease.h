// coordination.k8s.io/v1 Lease as JSON (kubernetes/api, coordination/v1/types.go).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace ghstats::kube {

// Every field of it is optional in the API.
struct LeaseSpec {
  std::optional<std::string> holder_identity;
  std::optional<std::int32_t> lease_duration_seconds;  // > 0 when an API server has stored it
  std::optional<TimePoint> acquire_time;
  std::optional<TimePoint> renew_time;
  std::optional<std::int32_t> lease_transitions;  // >= 0, likewise
  friend bool operator==(const LeaseSpec&, const LeaseSpec&) = default;
};

// As a server has answered.
struct Lease {
  LeaseSpec spec;
  std::string resource_version;
  std::string object;  // all of it, JSON
};

// Reads as Go's decoder does: a missing or null spec or field is absent, what is unknown is ignored. kInvalidData names
// the field: no JSON object, another kind or apiVersion, no metadata.resourceVersion, wrong types, a number that is no
// int32, an unreadable time; and a duration < 1 or transitions < 0, which no API server stores.
Result<Lease> parse_lease(std::string_view json);

// A Lease to be created.
std::string new_lease(const std::string& in_namespace, const std::string& name, const LeaseSpec& spec);

// `lease.object` with this spec and everything else as it was: resourceVersion, labels, owners, what is unknown here.
// Nothing of the old spec stays, strategy and preferredHolder neither: client-go's LeaseLock.Update writes the whole
// spec from its record, too, so that a Lease that people prepared for coordinated election becomes a plain one.
// kInvalidData when it is no JSON object.
Result<std::string> with_spec(const Lease& lease, const LeaseSpec& spec);

}  // namespace ghstats::kube
