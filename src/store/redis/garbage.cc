#include "store/redis/garbage.h"

#include <algorithm>
#include <utility>

#include "store/redis/codec.h"

namespace ghstats::store {

using async::Task;
using redis::Command;
using redis::Reply;

namespace {

constexpr std::size_t kRepositoriesPerTrip = 16;

class Collector {
 public:
  Collector(RedisLink& link, CallContext about, AcceptAnswer accept)
      : link_(link), about_(std::move(about)), accept_(std::move(accept)) {}

  Task<Status> run();

 private:
  [[nodiscard]] Command call(const std::vector<std::string>& arguments) const;
  Task<Status> walk(std::vector<std::string> what);
  Task<Status> visit_repositories();

  RedisLink& link_;
  CallContext about_;
  AcceptAnswer accept_;
};

Command Collector::call(const std::vector<std::string>& arguments) const {
  Command command = function_call("collect", link_.keys(), about_);
  for (const std::string& argument : arguments) command.add(argument);
  return command;
}

// One step after the other, each of which says where the next one goes on.
Task<Status> Collector::walk(std::vector<std::string> what) {
  std::string cursor = "0";
  do {
    auto arguments = what;
    arguments.push_back(cursor);
    const auto reply = co_await link_.ask(call(arguments));
    if (!reply) co_return fail(reply.error());
    auto answer = parse_collect_answer(*reply);
    cursor = answer && !answer->rest.empty() ? answer->rest.front() : "0";
    Status accepted = accept_(std::move(answer));
    if (!accepted) co_return accepted;
  } while (cursor != "0");
  co_return Status{};
}

Task<Status> Collector::visit_repositories() {
  const auto list = co_await link_.ask(Command("SMEMBERS", link_.keys().repositories()));
  if (!list) co_return fail(list.error());
  if (list->array() == nullptr) co_return Status{};
  const auto& ids = *list->array();
  for (std::size_t first = 0; first < ids.size(); first += kRepositoriesPerTrip) {
    std::vector<Command> commands;
    for (std::size_t i = first; i < std::min(first + kRepositoriesPerTrip, ids.size()); ++i) {
      if (ids[i].string() != nullptr) commands.push_back(call({"repository", *ids[i].string()}));
    }
    const auto replies = co_await link_.ask(std::move(commands));
    if (!replies) co_return fail(replies.error());
    for (const Reply& reply : *replies) {
      Status accepted = accept_(parse_collect_answer(reply));
      if (!accepted) co_return accepted;
    }
  }
  co_return Status{};
}

Task<Status> Collector::run() {
  const std::string oldest_loc = pack_time(about_.now - about_.retention);
  const std::vector<std::vector<std::string>> walks = {
      {"checkpoints"}, {"coverage"}, {"loc", oldest_loc}, {"slots"}, {"instances"}};
  for (const auto& what : walks) {
    Status walked = co_await walk(what);
    if (!walked) co_return walked;
  }
  Status visited = co_await visit_repositories();
  if (!visited) co_return visited;
  // Last: a name is needed as long as anything else of its repository is there.
  Status named = co_await walk({"names"});
  co_return named;
}

}  // namespace

Task<Status> collect_redis_garbage(RedisLink& link, CallContext about, AcceptAnswer accept) {
  Collector collector(link, std::move(about), std::move(accept));
  auto collected = co_await collector.run();
  co_return collected;
}

}  // namespace ghstats::store
