// The three requests of an election: read, create and replace one Lease.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "async/task.h"
#include "kube/api_client.h"
#include "kube/lease.h"

namespace ghstats::kube {

// Each call is one ApiClient::call, and has its errors; kInvalidData also for an answer that is no Lease. All calls on
// one thread; must outlive them.
class LeaseApi {
 public:
  // Names as they are in the API; what is no name is refused by the server.
  LeaseApi(std::unique_ptr<ApiClient> client, std::string in_namespace, std::string name);

  // kNotFound: there is none.
  async::Task<Result<Lease>> get(std::chrono::nanoseconds timeout);

  // kConflict: there is one. kNotFound: the namespace does not exist.
  async::Task<Result<Lease>> create(LeaseSpec spec, std::chrono::nanoseconds timeout);

  // Replaces the spec of `lease`, of an earlier answer. kConflict: it was written or deleted since, and has not
  // changed.
  async::Task<Result<Lease>> update(Lease lease, LeaseSpec spec, std::chrono::nanoseconds timeout);

 private:
  async::Task<Result<Lease>> ask(ApiCall call);

  std::unique_ptr<ApiClient> client_;
  std::string in_namespace_;
  std::string name_;
};

}  // namespace ghstats::kube
