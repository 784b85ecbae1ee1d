// Where an API server keeps Leases: what it accepts, what it refuses, which version each write has. No I/O.
//
// As pkg/registry/coordination/lease/strategy.go and apiserver's generic registry have it: a PUT must say which
// resourceVersion it replaces (AllowUnconditionalUpdate is false), creates what does not exist (AllowCreateOnUpdate is
// true) unless it names a uid, and writes nothing when it changes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/client.h"
#include "http/router.h"
#include "kube/testing/authorizer.h"
#include "kube/testing/go_lease.h"

namespace ghstats::kube::testing {

// Whose request it is, for the history.
struct Writer {
  std::string token;
  std::uint16_t port = 0;  // of the server, where it came in
};

// A write that took effect.
struct LeaseWrite {
  SteadyPoint at;
  std::string verb;  // "create", "update" or "delete"
  std::string name;
  std::string holder;
  std::int32_t transitions = 0;
  std::uint64_t resource_version = 0;
  Writer writer;
  std::string object;  // JSON, as it is now
};

class LeaseRegistry {
 public:
  struct Moment {
    TimePoint wall;
    SteadyPoint steady;
  };

  explicit LeaseRegistry(std::string in_namespace) : in_namespace_(std::move(in_namespace)) {}

  // Answers what was authorised. `rules`: a PUT that creates needs the right to create.
  http::Response handle(const RequestInfo& info, const http::ServerRequest& request,
                        const std::vector<PolicyRule>& rules, const std::string& user, const Writer& writer,
                        Moment now);

  // As another client with all rights would. False: there is none of that name.
  bool remove(const std::string& name, Moment now);

  [[nodiscard]] const std::vector<LeaseWrite>& writes() const { return writes_; }
  // JSON; absent when there is none of that name.
  [[nodiscard]] std::optional<std::string> object(const std::string& name) const;

 private:
  struct Change {
    const RequestInfo& info;
    const http::ServerRequest& request;
    const Writer& writer;
    Moment now;
  };

  http::Response create(const Change& change, GoLease lease);
  http::Response update(const Change& change, GoLease lease, const std::vector<PolicyRule>& rules,
                        const std::string& user);
  http::Response put_new(const Change& change, GoLease lease);
  std::string store(const Change& change, std::string verb, GoLease lease);
  [[nodiscard]] std::string precondition_failed(const std::string& name, const std::string& wanted,
                                                const std::string& actual) const;

  std::string in_namespace_;
  std::map<std::string, GoLease> leases_;
  std::vector<LeaseWrite> writes_;
  std::uint64_t revision_ = 51'200;  // of the whole cluster
  std::uint64_t created_ = 0;
};

}  // namespace ghstats::kube::testing
