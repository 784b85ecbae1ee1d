#include "store/redis/admission.h"

#include <algorithm>
#include <utility>

#include "redis/reply.h"
#include "store/redis/functions.h"

namespace ghstats::store {

using async::Task;
using redis::Command;
using redis::Reply;

namespace {

std::int64_t microseconds_of(std::chrono::nanoseconds d) {
  return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::microseconds>(d).count());
}

Command admit_command(const RedisKeys& keys, const Admission& admission) {
  const std::size_t count = 1 + admission.bars.size() + (admission.budget ? 1 : 0);
  Command command("FCALL", redis_function_name("admit"), count, keys.meta());
  for (const std::string& name : admission.bars) command.add(keys.notice(name));
  if (admission.budget) command.add(keys.budget(admission.budget->name));
  command.add(admission.bars.size());
  if (admission.budget) {
    const Budget& budget = *admission.budget;
    command.add(budget.points).add(budget.capacity).add(microseconds_of(budget.per_point));
  }
  return command;
}

std::unexpected<Error> strange() {
  return fail(ErrorCode::kInvalidData, "the answer of Redis makes no sense");
}

// [which of `names`, from 1, microseconds left, text]
Result<Notice> parse_notice(Reply& reply, const std::vector<std::string>& names) {
  auto* parts = reply.array();
  if (parts == nullptr || parts->size() < 3) return strange();
  const auto* which = (*parts)[0].integer();
  const auto* left = (*parts)[1].integer();
  auto* text = (*parts)[2].string();
  if (which == nullptr || left == nullptr || text == nullptr) return strange();
  if (*which < 1 || static_cast<std::size_t>(*which) > names.size()) return strange();
  return Notice{names[static_cast<std::size_t>(*which) - 1], std::chrono::microseconds{*left}, std::move(*text)};
}

}  // namespace

Task<Result<std::optional<Notice>>> redis_admit(RedisLink& link, Admission admission) {
  auto reply = co_await link.ask(admit_command(link.keys(), admission));
  if (!reply) co_return fail(reply.error().with_context("admit"));
  const auto* parts = reply->array();
  if (parts != nullptr && parts->size() == 1) co_return std::nullopt;
  std::vector<std::string> names = std::move(admission.bars);
  if (admission.budget) names.push_back(std::move(admission.budget->name));
  auto obstacle = parse_notice(*reply, names);
  if (!obstacle) co_return fail(obstacle.error().with_context("admit"));
  co_return *std::move(obstacle);
}

Task<Status> redis_announce(RedisLink& link, Notice notice) {
  Command command = RedisLink::function("announce", {link.keys().meta(), link.keys().notice(notice.name)});
  command.add(microseconds_of(notice.left)).add(notice.text);
  const auto reply = co_await link.ask(std::move(command));
  if (!reply) co_return fail(reply.error().with_context("announce"));
  co_return Status{};
}

Task<Result<std::vector<Notice>>> redis_announced(RedisLink& link, std::vector<std::string> names) {
  std::vector<Notice> found;
  if (names.empty()) co_return found;
  Command command("FCALL", redis_function_name("announced"), names.size());
  for (const std::string& name : names) command.add(link.keys().notice(name));
  auto reply = co_await link.ask(std::move(command));
  if (!reply) co_return fail(reply.error().with_context("announced"));
  auto* entries = reply->array();
  if (entries == nullptr) co_return strange();
  for (Reply& entry : *entries) {
    auto notice = parse_notice(entry, names);
    if (!notice) co_return fail(notice.error().with_context("announced"));
    found.push_back(*std::move(notice));
  }
  co_return found;
}

}  // namespace ghstats::store
