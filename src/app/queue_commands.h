// The commands "queue stats", "queue peek" and "queue requeue-dlq", for people at 3 a.m.
#pragma once

#include <chrono>

#include "app/command_line.h"
#include "app/config_commands.h"

namespace ghstats::app {

// How long RabbitMQ may be silent.
inline constexpr std::chrono::seconds kQueuePatience{15};

constexpr bool is_of_queue(Command command) {
  return command == Command::kQueueStats || command == Command::kQueuePeek || command == Command::kQueueRequeue;
}

// Does what line.command says, one of the queue's, with the RabbitMQ of `config`. Declares nothing. Stats and peek
// change nothing but that RabbitMQ marks what was looked at as redelivered. Exit code 0; 1: RabbitMQ cannot be reached
// or asked, or a queue is missing, after at most `patience` without progress; 2: this configuration has no RabbitMQ.
// What is printed holds no secret.
CommandResult queue_command(const CommandLine& line, const config::Config& config,
                            std::chrono::nanoseconds patience = kQueuePatience);

}  // namespace ghstats::app
