// A Lease as the API server's Go decoder reads it: case-sensitive names, exact types, unknown fields dropped. What it
// says about wrong ones was taken from k8s.io/apimachinery v0.37.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>

namespace ghstats::kube::testing {

struct GoMetadata {
  std::string name;
  std::string in_namespace;
  std::string uid;
  std::string resource_version;
  std::string creation_timestamp;  // as it came
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  boost::json::array owner_references;
  boost::json::array finalizers;
  boost::json::array managed_fields;
};

struct GoLeaseSpec {
  std::optional<std::string> holder_identity;
  std::optional<std::int32_t> lease_duration_seconds;
  std::optional<std::int64_t> acquire_time;  // microseconds since 1970
  std::optional<std::int64_t> renew_time;
  std::optional<std::int32_t> lease_transitions;
  std::optional<std::string> strategy;
  std::optional<std::string> preferred_holder;
};

struct GoLease {
  GoMetadata metadata;
  GoLeaseSpec spec;
};

// The error is the message of the 400 that the server answers.
std::expected<GoLease, std::string> decode_lease(const std::string& body);

// As the server writes it, fields in Go's order.
boost::json::object encode_lease(const GoLease& lease);

}  // namespace ghstats::kube::testing
