#include "app/shared_queue.h"

#include <utility>

#include "amqp/url.h"
#include "app/version.h"
#include "backfill/job.h"
#include "backfill/worker.h"
#include "queue/fallback_queue.h"
#include "queue/memory_queue.h"

namespace ghstats::app {
namespace {

// Looking at a message of a quorum queue counts as a delivery of it.
constexpr std::chrono::minutes kQuorumAgeInterval{1};

queue::DeliveryPolicy delivery_policy(const config::Backfill& backfill) {
  return {.requeue_delays = backfill.requeue_delays,
          .max_attempts = static_cast<int>(backfill.max_attempts),
          .max_message_age = backfill.max_message_age};
}

// Messages of others say in their body what ours say in their headers, too.
queue::Origin origin_of(std::string_view payload) {
  const auto job = backfill::parse_message(payload);
  if (!job) return {};
  return {.attempt = job->attempt, .created_at = job->created_at};
}

}  // namespace

Result<queue::RabbitmqOptions> rabbitmq_options(const config::Config& config, const std::string& name) {
  auto url = amqp::parse_url(config.amqp.url.reveal());
  if (!url) return fail(url.error().with_context("amqp.url"));
  if (url->connection_name.empty()) url->connection_name = std::string(kProgramName) + "@" + name;
  auto link = amqp::make_client_options(*url, config.amqp.ca_file);
  if (!link) return fail(link.error().with_context("amqp.ca_file"));
  queue::RabbitmqOptions options;
  options.link = *std::move(link);
  options.names = {.exchange = config.amqp.exchange, .jobs = config.amqp.queue, .dead_letters = config.amqp.dlq};
  options.policy = delivery_policy(config.backfill);
  options.origin = origin_of;
  if (config.amqp.queue_type == config::QueueType::kQuorum) {
    options.type = queue::QueueType::kQuorum;
    options.age_interval = kQuorumAgeInterval;
  }
  return options;
}

Result<std::unique_ptr<queue::JobQueue>> make_job_queue(boost::asio::any_io_executor executor, const Clock& clock,
                                                        const config::Config& config, const std::string& replica,
                                                        metrics::Recorder& recorder, const log::Logger& logger) {
  const queue::ExpiryObserver on_expired = backfill::count_expired(recorder, logger);
  auto memory = queue::make_memory_queue(executor, clock, logger,
                                         {.policy = delivery_policy(config.backfill), .on_expired = on_expired});
  if (config.amqp.url.empty() || !config.backfill.enabled) return memory;
  auto options = rabbitmq_options(config, replica);
  if (!options) return fail(options.error());
  options->on_expired = on_expired;
  return queue::make_fallback_queue(executor, queue::make_rabbitmq_queue(executor, clock, *std::move(options)),
                                    std::move(memory), logger, backfill::count_buried(recorder));
}

}  // namespace ghstats::app
