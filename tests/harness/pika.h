// RabbitMQ by another client than ours: Debian's python3-pika.
#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "harness/process.h"

namespace ghstats::harness {

// Whether the Python that Debian's packages are for has it ('./dev setup' installs it).
bool pika_is_installed();

// Runs tests/harness/pika_client.py with these arguments, which says what they are.
Outcome pika(std::vector<std::string> arguments);

// The messages of a queue, in order, each {"body", "headers", "redelivered"}; fails the test when it cannot be asked.
// take: they are removed. look: they stay, and count as delivered from now on.
boost::json::array take_messages(const std::string& url, const std::string& queue);
boost::json::array look_at_messages(const std::string& url, const std::string& queue);

}  // namespace ghstats::harness
