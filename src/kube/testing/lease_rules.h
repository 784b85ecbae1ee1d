// What an API server accepts as a Lease beside its types (pkg/apis/coordination/validation/validation.go).
#pragma once

#include <optional>

#include "http/client.h"
#include "kube/testing/go_lease.h"

namespace ghstats::kube::testing {

// The 422, absent when all is well.
std::optional<http::Response> refused_create(const GoLease& lease);
std::optional<http::Response> refused_update(const GoLease& lease);

}  // namespace ghstats::kube::testing
