#include "kube/lease_api.h"

#include <fmt/format.h>

#include <utility>

namespace ghstats::kube {
namespace {

std::string collection(const std::string& in_namespace) {
  return fmt::format("/apis/coordination.k8s.io/v1/namespaces/{}/leases", http::percent_encode(in_namespace));
}

std::string item(const std::string& in_namespace, const std::string& name) {
  return fmt::format("{}/{}", collection(in_namespace), http::percent_encode(name));
}

}  // namespace

LeaseApi::LeaseApi(std::unique_ptr<ApiClient> client, std::string in_namespace, std::string name)
    : client_(std::move(client)), in_namespace_(std::move(in_namespace)), name_(std::move(name)) {}

async::Task<Result<Lease>> LeaseApi::ask(ApiCall call) {
  const auto answer = co_await client_->call(std::move(call));
  if (!answer) co_return fail(answer.error());
  co_return parse_lease(*answer);
}

async::Task<Result<Lease>> LeaseApi::get(std::chrono::nanoseconds timeout) {
  co_return co_await ask(
      {.method = http::Method::kGet, .path = item(in_namespace_, name_), .json = {}, .timeout = timeout});
}

async::Task<Result<Lease>> LeaseApi::create(LeaseSpec spec, std::chrono::nanoseconds timeout) {
  co_return co_await ask({.method = http::Method::kPost,
                          .path = collection(in_namespace_),
                          .json = new_lease(in_namespace_, name_, spec),
                          .timeout = timeout});
}

async::Task<Result<Lease>> LeaseApi::update(Lease lease, LeaseSpec spec, std::chrono::nanoseconds timeout) {
  auto changed = with_spec(lease, spec);
  if (!changed) co_return fail(changed.error());
  co_return co_await ask({.method = http::Method::kPut,
                          .path = item(in_namespace_, name_),
                          .json = *std::move(changed),
                          .timeout = timeout});
}

}  // namespace ghstats::kube
