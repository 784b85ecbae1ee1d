// From the configuration to the queue of jobs.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "config/config.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "queue/job_queue.h"
#include "queue/rabbitmq/rabbitmq_queue.h"

namespace ghstats::app {

// RabbitMQ as `amqp` and `backfill` have it; `name` shows in its list of connections. What expires is not told.
// kInvalidArgument names the key.
Result<queue::RabbitmqOptions> rabbitmq_options(const config::Config& config, const std::string& name);

// RabbitMQ with memory to stand in for it, or memory by choice (no amqp.url, or no backfill). What expires is counted.
// Errors: as above. `clock` and `recorder` must outlive it.
Result<std::unique_ptr<queue::JobQueue>> make_job_queue(boost::asio::any_io_executor executor, const Clock& clock,
                                                        const config::Config& config, const std::string& replica,
                                                        metrics::Recorder& recorder, const log::Logger& logger);

}  // namespace ghstats::app
