// Publishing with confirms, and consuming with acknowledgements, against a real RabbitMQ on loopback.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <stdexcept>
#include <string>

#include "amqp/client.h"
#include "amqp/testing/rabbitmq_server.h"
#include "async/task_group.h"
#include "async/testing/run.h"

namespace ghstats::amqp {
namespace {

using testing::RabbitmqServer;

constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kBodyBytes = 512;

bool can_run(benchmark::State& state) {
  if (testing::rabbitmq_is_installed()) return true;
  state.SkipWithError("no RabbitMQ: './dev bench' unpacks one");
  return false;
}

// A client and a durable, empty queue.
class World {
 public:
  explicit World(bool tls) : queue_(fmt::format("bench.{}", ++queues)) {
    ClientOptions options;
    options.hosts = {tls ? RabbitmqServer::shared().tls_endpoint() : RabbitmqServer::shared().endpoint()};
    if (tls) options.connection.tls = net::TlsContext::make(RabbitmqServer::shared().authority()).value();
    client_ = std::make_unique<Client>(io_.get_executor(), std::move(options));
    must(client_->wait_connected(kPatience));
    topology_ = must(client_->open_channel(kPatience));
    must(topology_->declare_queue({.name = queue_}, kPatience));
  }
  ~World() {
    must(topology_->delete_queue(queue_, kPatience));
    run(client_->stop());
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task), std::chrono::seconds{300});
  }
  template <class T>
  T must(async::Task<Result<T>> task) {
    auto result = run(std::move(task));
    if (!result) throw std::runtime_error(result.error().message);
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  // `publishers` at the same time, each waiting for its confirm.
  void publish(int messages, int publishers) {
    const Publication publication{.routing_key = queue_,
                                  .message = {.body = std::string(kBodyBytes, 'b'),
                                              .properties = {.headers = {{"attempt", 1}}, .persistent = true}}};
    async::TaskGroup group(io_.get_executor());
    int left = messages;
    for (int i = 0; i < publishers; ++i) {
      group.spawn([&]() -> async::Task<> {
        while (left > 0) {
          --left;
          const auto done = co_await client_->publish(publication, kPatience);
          if (!done) throw std::runtime_error(done.error().message);
        }
      });
    }
    run(group.join());
  }

  void consume(int messages, std::uint16_t prefetch) {
    auto channel = must(client_->open_channel(kPatience));
    must(channel->consume(queue_, {.prefetch = prefetch}, kPatience));
    run([&]() -> async::Task<> {
      for (int i = 0; i < messages; ++i) {
        const auto delivery = co_await channel->next(kPatience);
        if (!delivery) throw std::runtime_error(delivery.error().message);
        if (!channel->ack(delivery->tag)) throw std::runtime_error("ack");
      }
    }());
    // Until the broker has heard of every ack.
    must(channel->close(kPatience));
  }

 private:
  static inline int queues = 0;
  boost::asio::io_context io_;
  const std::string queue_;
  std::unique_ptr<Client> client_;
  std::shared_ptr<Channel> topology_;
};

void publish_with_confirms(benchmark::State& state) {
  if (!can_run(state)) return;
  World world(state.range(1) != 0);
  constexpr int kMessages = 20'000;
  for (auto _ : state) world.publish(kMessages, static_cast<int>(state.range(0)));
  state.SetItemsProcessed(state.iterations() * kMessages);
}
BENCHMARK(publish_with_confirms)
    ->ArgNames({"publishers", "tls"})
    ->Args({1000, 0})
    ->Args({100, 0})
    ->Args({1000, 1})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(3);

void publish_one_by_one(benchmark::State& state) {
  if (!can_run(state)) return;
  World world(false);
  constexpr int kMessages = 1000;
  for (auto _ : state) world.publish(kMessages, 1);
  state.SetItemsProcessed(state.iterations() * kMessages);
}
BENCHMARK(publish_one_by_one)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(2);

void consume_and_ack(benchmark::State& state) {
  if (!can_run(state)) return;
  World world(state.range(1) != 0);
  constexpr int kMessages = 40'000;
  for (auto _ : state) {
    state.PauseTiming();
    world.publish(kMessages, 1000);
    state.ResumeTiming();
    world.consume(kMessages, static_cast<std::uint16_t>(state.range(0)));
  }
  state.SetItemsProcessed(state.iterations() * kMessages);
}
BENCHMARK(consume_and_ack)
    ->ArgNames({"prefetch", "tls"})
    ->Args({500, 0})
    ->Args({50, 0})
    ->Args({500, 1})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(2);

}  // namespace
}  // namespace ghstats::amqp
