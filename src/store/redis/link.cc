#include "store/redis/link.h"

#include <algorithm>
#include <memory>

#include "redis/server_error.h"
#include "store/redis/functions.h"

namespace ghstats::store {

using async::Task;
using redis::Command;
using redis::Reply;

namespace {

bool lacks_functions(const Reply& reply) {
  return reply.error() != nullptr && reply.error()->text.find("Function not found") != std::string::npos;
}

}  // namespace

// Inside of functions the server words it differently.
bool is_forbidden(const redis::ServerError& error) {
  return error.prefix() == "NOPERM" || error.text.find("can't run this command") != std::string::npos;
}

Error explain(const redis::ServerError& error) {
  Error out = redis::to_error(error);
  // What the functions say: docs/store.md.
  if (error.prefix() == "DAMAGED") {
    const std::string what = out.message.substr(error.prefix().size() + 1);
    return Error{ErrorCode::kInvalidData, what}.with_context(kDamaged);
  }
  if (error.prefix() == "LATER") {
    return {ErrorCode::kConflict, out.message.substr(error.prefix().size() + 1) +
                                      " is that of a later version of this program: this one only reads; upgrade it"};
  }
  if (error.prefix() == "OOM") return out.with_context("Redis is out of memory (maxmemory)");
  return out;
}

Result<Reply> first_of(Result<std::vector<Reply>> replies) {
  if (!replies) return fail(std::move(replies).error());
  return std::move(replies->front());
}

Command RedisLink::function(std::string_view name, std::initializer_list<std::string> keys) {
  Command command("FCALL", redis_function_name(name), keys.size());
  for (const std::string& key : keys) command.add(key);
  return command;
}

Task<Status> RedisLink::load_functions() {
  auto loaded = co_await client_.execute(Command("FUNCTION", "LOAD", "REPLACE", redis_function_library()), timeout_);
  if (loaded) co_return Status{};
  Error why = std::move(loaded).error();
  // "unknown command `FUNCTION`": before version 7.
  if (why.message.find("unknown command") != std::string::npos) {
    why.message = "this Redis has no functions: version 7.0 or newer is needed";
  }
  co_return fail(why.with_context("FUNCTION LOAD"));
}

Task<Result<std::vector<Reply>>> RedisLink::ask(std::vector<Command> commands) {
  const auto asked = std::make_shared<const std::vector<Command>>(std::move(commands));
  auto replies = co_await watch(asked);
  if (replies && std::ranges::any_of(*replies, lacks_functions)) {
    const Status loaded = co_await load_functions();
    if (!loaded) co_return fail(loaded.error());
    replies = co_await watch(asked);
  }
  if (!replies) co_return replies;
  for (const Reply& reply : *replies) {
    if (reply.error() != nullptr) co_return fail(explain(*reply.error()));
  }
  co_return replies;
}

Task<Result<Reply>> RedisLink::ask(Command command) {
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  auto replies = co_await ask(std::move(commands));
  co_return first_of(std::move(replies));
}

Task<Result<Reply>> RedisLink::ask_over(std::uint64_t connection, Command command) {
  if (connection == 0 || connection != this->connection()) {
    co_return fail(ErrorCode::kUnavailable, "the connection to Redis was lost in the middle of a batch");
  }
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  auto replies = co_await execute(std::move(commands));
  if (!replies) co_return fail(std::move(replies).error());
  const auto* refusal = replies->front().error();
  if (refusal != nullptr) co_return fail(explain(*refusal));
  co_return first_of(std::move(replies));
}

Task<Result<std::vector<Reply>>> RedisLink::execute(std::vector<Command> commands) {
  return watch(std::make_shared<const std::vector<Command>>(std::move(commands)));
}

Task<Result<std::vector<Reply>>> RedisLink::watch(std::shared_ptr<const std::vector<Command>> commands) {
  auto replies = co_await client_.execute(commands, timeout_);
  if (!replies) co_return replies;
  for (std::size_t i = 0; i < replies->size(); ++i) {
    const redis::ServerError* error = (*replies)[i].error();
    const std::string_view name = (*commands)[i].name();
    const bool needed = name != "INFO" && name != "TIME";
    if (error != nullptr && needed && is_forbidden(*error)) client_.reconnect(explain(*error));
  }
  co_return replies;
}

Task<Status> RedisLink::scan(std::string key, Visitor visit) {
  std::string cursor = "0";
  do {
    auto reply = co_await ask(Command("HSCAN", key, cursor, "COUNT", 1000));
    if (!reply) co_return fail(reply.error().with_context(key));
    auto* page = reply->array();
    if (page == nullptr || page->size() != 2 || (*page)[0].string() == nullptr || (*page)[1].array() == nullptr) {
      co_return fail(ErrorCode::kInvalidData, "HSCAN answered " + reply->kind());
    }
    auto& items = *(*page)[1].array();
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      if (items[i].string() == nullptr || items[i + 1].string() == nullptr) continue;
      visit(*items[i].string(), *items[i + 1].string());
    }
    cursor = *(*page)[0].string();
  } while (cursor != "0");
  co_return Status{};
}

}  // namespace ghstats::store
