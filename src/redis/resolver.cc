#include "redis/resolver.h"

namespace ghstats::redis {

async::Task<Result<net::Endpoint>> StandaloneResolver::resolve(std::chrono::nanoseconds /*timeout*/) {
  co_return server_;
}

async::Task<Status> StandaloneResolver::verify(Connection& /*connection*/, std::chrono::nanoseconds /*timeout*/) {
  co_return Status{};
}

}  // namespace ghstats::redis
