#include "store/redis/integrity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "store/counter_merge.h"

namespace ghstats::store {

using async::Task;
using redis::Command;
using redis::Reply;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kNamesPerStep = 64;
constexpr auto kBetweenLooks = 30s;

class Examination {
 public:
  Examination(RedisLink& link, CallContext about, bool mend, AcceptAnswer accept)
      : link_(link), about_(std::move(about)), mend_(mend), accept_(std::move(accept)) {}

  Task<Result<Losses>> run();

 private:
  Task<Result<std::string>> step(std::string name, std::vector<std::string> arguments);
  Task<Status> walk();
  Task<Status> adopt();
  Task<Result<std::vector<std::string>>> list_everything();

  RedisLink& link_;
  CallContext about_;
  bool mend_;
  AcceptAnswer accept_;
  int steps_ = 0;
  Losses losses_;
};

// Returns the step's own word: where to go on.
Task<Result<std::string>> Examination::step(std::string name, std::vector<std::string> arguments) {
  // Each step that finds something gives the data another name.
  CallContext about = about_;
  about.incarnation += fmt::format("-{}", ++steps_);
  Command command = function_call("check", link_.keys(), about);
  command.add(mend_ ? 1 : 0).add(name);
  for (const std::string& argument : arguments) command.add(argument);
  const auto reply = co_await link_.ask(std::move(command));
  if (!reply) co_return fail(reply.error());
  auto answer = parse_collect_answer(*reply);
  std::string word;
  if (answer && !answer->rest.empty()) {
    word = answer->rest.front();
    losses_.insert(answer->rest.begin() + 1, answer->rest.end());
  }
  const Status accepted = accept_(std::move(answer));
  if (!accepted) co_return fail(accepted.error());
  co_return word;
}

Task<Status> Examination::walk() {
  std::string cursor = "0";
  do {
    auto next = co_await step("marked", {cursor});
    if (!next) co_return fail(next.error());
    cursor = *std::move(next);
  } while (cursor != "0");
  co_return Status{};
}

// Whatever data may have, by the fields of marks.
Task<Result<std::vector<std::string>>> Examination::list_everything() {
  std::vector<Command> commands;
  commands.emplace_back("SMEMBERS", link_.keys().repositories());
  commands.emplace_back("HKEYS", link_.keys().names());
  commands.emplace_back("HKEYS", link_.keys().instances());
  const auto replies = co_await link_.ask(std::move(commands));
  if (!replies) co_return fail(replies.error());
  std::set<std::string> out = {"c:" + std::string(kPastInstance)};
  for (std::size_t i = 0; i < replies->size(); ++i) {
    const auto* items = (*replies)[i].array();
    if (items == nullptr) continue;
    const std::string prefix = i == 2 ? "c:" : "";
    for (const Reply& item : *items) {
      if (item.string() != nullptr) out.insert(prefix + *item.string());
    }
  }
  co_return std::vector<std::string>(out.begin(), out.end());
}

Task<Status> Examination::adopt() {
  const auto names = co_await list_everything();
  if (!names) co_return fail(names.error());
  for (std::size_t first = 0; first < names->size(); first += kNamesPerStep) {
    const std::size_t end = std::min(first + kNamesPerStep, names->size());
    std::vector<std::string> arguments = {std::to_string(end - first)};
    for (std::size_t i = first; i < end; ++i) arguments.push_back((*names)[i]);
    const auto done = co_await step("named", std::move(arguments));
    if (!done) co_return fail(done.error());
  }
  const auto complete = co_await step("complete", {});
  if (!complete) co_return fail(complete.error());
  co_return Status{};
}

Task<Result<Losses>> Examination::run() {
  const auto marks = co_await step("single", {});
  if (!marks) co_return fail(marks.error());
  Status examined;
  if (*marks == "complete") {
    examined = co_await walk();
  } else if (mend_) {
    examined = co_await adopt();
  }
  if (!examined) co_return fail(examined.error());
  co_return std::move(losses_);
}

// The value of "name:value" on a line of its own.
std::string_view value_of(std::string_view name, std::string_view info) {
  const std::string line = fmt::format("\n{}:", name);
  const auto at = info.find(line);
  if (at == std::string_view::npos) return {};
  const auto from = at + line.size();
  return info.substr(from, info.find_first_of("\r\n", from) - from);
}

}  // namespace

Task<Result<Losses>> find_redis_losses(RedisLink& link, CallContext about, bool mend, AcceptAnswer accept) {
  Examination examination(link, std::move(about), mend, std::move(accept));
  auto losses = co_await examination.run();
  co_return losses;
}

std::string describe(const Losses& losses) {
  constexpr std::string_view kRepository = "repository ";
  std::vector<std::string> words;
  std::size_t repositories = 0;
  std::size_t counters = 0;
  for (const std::string& what : losses) {
    if (what.starts_with(kRepository)) {
      ++repositories;
    } else if (what.starts_with("c:")) {
      ++counters;
    } else {
      words.push_back(what);
    }
  }
  if (counters > 0) words.push_back(fmt::format("counters of {} replica(s)", counters));
  if (repositories > 0)
    words.push_back(fmt::format("events of {} repositor{}", repositories, repositories == 1 ? "y" : "ies"));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string eviction_risk(const std::string& info_memory) {
  const std::string_view limit = value_of("maxmemory", info_memory);
  const std::string_view policy = value_of("maxmemory_policy", info_memory);
  if (limit.empty() || limit == "0" || !policy.starts_with("allkeys-")) return {};
  return fmt::format("Redis may evict data (maxmemory-policy is {}; it must be noeviction)", policy);
}

Task<Result<bool>> Integrity::examine(CallContext about, bool mend, AcceptAnswer accept) {
  auto losses = co_await find_redis_losses(link_, std::move(about), mend, std::move(accept));
  if (!losses) co_return fail(losses.error().with_context("look for lost data"));
  losses_ = *std::move(losses);
  co_return !losses_.empty();
}

Task<> Integrity::look_at_eviction() {
  const SteadyPoint now = clock_.steady_now();
  if (looked_ && now - *looked_ < kBetweenLooks) co_return;
  std::vector<Command> commands;
  commands.emplace_back("INFO", "memory");
  const auto replies = co_await link_.execute(std::move(commands));
  if (!replies) co_return;
  looked_ = now;
  const std::string* info = replies->front().string();
  eviction_ = info == nullptr ? std::string() : eviction_risk(*info);
}

std::string Integrity::concern() const {
  std::string out = eviction_;
  if (losses_.empty()) return out;
  if (!out.empty()) out += "; ";
  return out + fmt::format("Redis has lost data ({}), which is collected and told again", describe(losses_));
}

}  // namespace ghstats::store
