#include "store/redis/claims.h"

#include <utility>

#include "redis/reply.h"

namespace ghstats::store {

using namespace std::chrono_literals;
using async::Task;
using redis::Command;

namespace {

constexpr auto kClaimSlack = 10min;  // clocks differ; until then Redis keeps what is over

std::int64_t milliseconds_of(std::chrono::nanoseconds d) {
  return std::chrono::ceil<std::chrono::milliseconds>(d).count();
}

}  // namespace

Task<Result<bool>> redis_claim(RedisLink& link, std::string key, std::chrono::nanoseconds ttl, TimePoint now) {
  Command command = RedisLink::function("claim", {link.keys().claim(key), link.keys().meta()});
  command.add(std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count());
  command.add(milliseconds_of(ttl)).add(milliseconds_of(kClaimSlack));
  const auto reply = co_await link.ask(std::move(command));
  if (!reply) co_return fail(reply.error().with_context("claim"));
  co_return reply->integer() != nullptr && *reply->integer() == 1;
}

Task<Status> redis_release(RedisLink& link, std::string key) {
  const auto reply = co_await link.ask(Command("DEL", link.keys().claim(key)));
  if (!reply) co_return fail(reply.error().with_context("release"));
  co_return Status{};
}

Task<Result<std::int64_t>> redis_draw(RedisLink& link, Allowance allowance, std::int64_t wanted, TimePoint now) {
  const std::int64_t period = to_unix_seconds(now) / allowance.period.count();
  Command command =
      RedisLink::function("draw", {link.keys().allowance(allowance.name, std::to_string(period)), link.keys().meta()});
  command.add(allowance.limit).add(wanted).add(milliseconds_of(2 * allowance.period + kClaimSlack));
  const auto reply = co_await link.ask(std::move(command));
  if (!reply) co_return fail(reply.error().with_context("draw"));
  const auto granted = redis::take_integer(*reply);
  co_return granted;
}

}  // namespace ghstats::store
