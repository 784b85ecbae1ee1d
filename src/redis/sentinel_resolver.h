// The master of a set that Redis Sentinels watch (https://redis.io/docs/latest/develop/reference/sentinel-clients/).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "redis/resolver.h"
#include "redis/sentinel_answer.h"

namespace ghstats::redis {

struct SentinelOptions {
  std::vector<net::Endpoint> sentinels = {};  // at least one
  std::string master_set = {};
  Credentials credentials = {};  // of the Sentinels; the servers have their own
  std::shared_ptr<net::TlsContext> tls = {};
  // For one Sentinel, so that one that is gone does not cost the whole time.
  std::chrono::nanoseconds ask_timeout = std::chrono::seconds{1};
  std::chrono::nanoseconds recheck_interval = std::chrono::seconds{5};
};

// Asks all Sentinels at the same time, waits until more than half have answered (or nobody is left to wait for), and
// follows the newest answer. Nothing is kept open in between.
class SentinelResolver final : public Resolver {
 public:
  explicit SentinelResolver(SentinelOptions options) : options_(std::move(options)) {}

  // kUnavailable, kInvalidArgument when all that answer do not know the set, kUnauthenticated, kCancelled.
  async::Task<Result<net::Endpoint>> resolve(std::chrono::nanoseconds timeout) override;
  // ROLE must say master: a Sentinel may be behind. kUnavailable; kPermissionDenied without +role.
  async::Task<Status> verify(Connection& connection, std::chrono::nanoseconds timeout) override;
  [[nodiscard]] std::chrono::nanoseconds recheck_interval() const override { return options_.recheck_interval; }

 private:
  struct Inquiry;
  async::Task<> ask(net::Endpoint sentinel, std::chrono::nanoseconds timeout, Inquiry& inquiry) const;
  async::Task<Result<SentinelAnswer>> question(net::Endpoint sentinel, std::chrono::nanoseconds timeout) const;

  const SentinelOptions options_;
  std::int64_t known_epoch_ = 0;
};

}  // namespace ghstats::redis
