// What is declared on a channel.
#include <fmt/format.h>

#include <utility>

#include "amqp/channel.h"
#include "amqp/client_method.h"

namespace ghstats::amqp {

namespace {

Status check(const Binding& binding) {
  auto checked = check_text("the name of a queue", binding.queue);
  if (checked) checked = check_text("the name of an exchange", binding.exchange);
  if (checked) checked = check_text("a routing key", binding.routing_key);
  if (checked) checked = check_table("the arguments of a binding", binding.arguments);
  return checked;
}

}  // namespace

async::Task<Status> Channel::declare_exchange(ExchangeDeclaration declaration, Timeout timeout) {
  auto checked = check_text("the name of an exchange", declaration.name);
  if (checked) checked = check_text("the type of an exchange", declaration.type);
  if (checked) checked = check_table("the arguments of an exchange", declaration.arguments);
  if (!checked) co_return checked;
  auto declared = co_await ask(fmt::format("declare exchange '{}'", declaration.name),
                               say::declare(number_, declaration), ok::kExchangeDeclare, timeout);
  co_return declared;
}

async::Task<Result<QueueState>> Channel::declare_queue(QueueDeclaration declaration, Timeout timeout) {
  auto checked = check_text("the name of a queue", declaration.name);
  if (checked) checked = check_table("the arguments of a queue", declaration.arguments);
  if (!checked) co_return std::unexpected(checked.error());
  const auto matches = [](const Reply& reply) {
    const auto* method = std::get_if<ServerMethod>(&reply);
    return method != nullptr && std::holds_alternative<QueueDeclareOk>(*method);
  };
  const auto reply =
      co_await call(fmt::format("{} queue '{}'", declaration.passive ? "look at" : "declare", declaration.name),
                    say::declare(number_, declaration), matches, timeout);
  if (!reply) co_return std::unexpected(reply.error());
  co_return std::get<QueueDeclareOk>(std::get<ServerMethod>(*reply)).state;
}

async::Task<Status> Channel::bind_queue(Binding binding, Timeout timeout) {
  auto done = check(binding);
  if (!done) co_return done;
  done = co_await ask(fmt::format("bind queue '{}' to exchange '{}'", binding.queue, binding.exchange),
                      say::bind(number_, binding), ok::kQueueBind, timeout);
  co_return done;
}

async::Task<Status> Channel::unbind_queue(Binding binding, Timeout timeout) {
  auto done = check(binding);
  if (!done) co_return done;
  done = co_await ask(fmt::format("unbind queue '{}' from exchange '{}'", binding.queue, binding.exchange),
                      say::unbind(number_, binding), ok::kQueueUnbind, timeout);
  co_return done;
}

async::Task<Result<std::uint32_t>> Channel::purge_queue(std::string queue, Timeout timeout) {
  const auto checked = check_text("the name of a queue", queue);
  if (!checked) co_return std::unexpected(checked.error());
  auto purged = co_await clear(fmt::format("purge queue '{}'", queue), say::purge_queue(number_, queue),
                               ok::kQueuePurge, timeout);
  co_return purged;
}

async::Task<Result<std::uint32_t>> Channel::delete_queue(std::string queue, Timeout timeout) {
  const auto checked = check_text("the name of a queue", queue);
  if (!checked) co_return std::unexpected(checked.error());
  auto deleted = co_await clear(fmt::format("delete queue '{}'", queue), say::delete_queue(number_, queue),
                                ok::kQueueDelete, timeout);
  co_return deleted;
}

async::Task<Status> Channel::delete_exchange(std::string exchange, Timeout timeout) {
  auto done = check_text("the name of an exchange", exchange);
  if (!done) co_return done;
  done = co_await ask(fmt::format("delete exchange '{}'", exchange), say::delete_exchange(number_, exchange),
                      ok::kExchangeDelete, timeout);
  co_return done;
}

}  // namespace ghstats::amqp
