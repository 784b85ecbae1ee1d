// The record of an election in a Kubernetes Lease.
#pragma once

#include <memory>
#include <string>

#include "kube/api_client.h"
#include "leader/lease.h"

namespace ghstats::leader {

// As client-go's LeaseLock reads and writes: an absent field is empty, 0 or TimePoint{}, a time TimePoint{} is written
// as absent. A Lease without a spec, as people create it beforehand, therefore has no holder and may be taken at once.
// Beside the errors of LeaseClient: kInvalidArgument, the server refuses what it is asked (a name that is none);
// kTooLarge; from create() kNotFound, the namespace does not exist. A Lease that was deleted since is a kConflict of
// update(). What ApiClient::call repeats is repeated: an update that happened may end in kConflict then, as one whose
// answer was lost.
std::unique_ptr<LeaseClient> make_kubernetes_lease(std::unique_ptr<kube::ApiClient> api, std::string in_namespace,
                                                   std::string name);

}  // namespace ghstats::leader
