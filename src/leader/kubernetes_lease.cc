#include "leader/kubernetes_lease.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "kube/lease_api.h"

namespace ghstats::leader {
namespace {

std::optional<TimePoint> to_spec(TimePoint t) {
  return t == TimePoint{} ? std::nullopt : std::optional(t);
}

// No bound of the configuration comes near it; what is more must not wrap around.
std::int32_t to_int32(std::chrono::seconds duration) {
  constexpr std::chrono::seconds kLongest{std::numeric_limits<std::int32_t>::max()};
  return static_cast<std::int32_t>(std::min(duration, kLongest).count());
}

kube::LeaseSpec to_spec(const LeaseRecord& record) {
  return {.holder_identity = record.holder,
          .lease_duration_seconds = to_int32(record.duration),
          .acquire_time = to_spec(record.acquired),
          .renew_time = to_spec(record.renewed),
          .lease_transitions = record.transitions};
}

LeaseRecord to_record(const kube::LeaseSpec& spec) {
  return {.holder = spec.holder_identity.value_or(""),
          .duration = std::chrono::seconds{spec.lease_duration_seconds.value_or(0)},
          .acquired = spec.acquire_time.value_or(TimePoint{}),
          .renewed = spec.renew_time.value_or(TimePoint{}),
          .transitions = spec.lease_transitions.value_or(0)};
}

Result<LeaseObject> to_object(Result<kube::Lease> lease) {
  if (!lease) return fail(std::move(lease.error()));
  return LeaseObject{to_record(lease->spec), std::move(lease->resource_version), std::move(lease->object)};
}

class KubernetesLease final : public LeaseClient {
 public:
  explicit KubernetesLease(kube::LeaseApi api) : api_(std::move(api)) {}

  async::Task<Result<LeaseObject>> get(std::chrono::nanoseconds timeout) override {
    auto lease = co_await api_.get(timeout);
    co_return to_object(std::move(lease));
  }

  async::Task<Result<LeaseObject>> create(LeaseRecord record, std::chrono::nanoseconds timeout) override {
    auto lease = co_await api_.create(to_spec(record), timeout);
    co_return to_object(std::move(lease));
  }

  async::Task<Result<LeaseObject>> update(LeaseObject base, LeaseRecord record,
                                          std::chrono::nanoseconds timeout) override {
    const kube::Lease old{{}, std::move(base.version), std::move(base.whole)};
    auto lease = co_await api_.update(old, to_spec(record), timeout);
    co_return to_object(std::move(lease));
  }

 private:
  kube::LeaseApi api_;
};

}  // namespace

std::unique_ptr<LeaseClient> make_kubernetes_lease(std::unique_ptr<kube::ApiClient> api, std::string in_namespace,
                                                   std::string name) {
  return std::make_unique<KubernetesLease>(kube::LeaseApi(std::move(api), std::move(in_namespace), std::move(name)));
}

}  // namespace ghstats::leader
