#include "harness/pika.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <utility>

namespace ghstats::harness {
namespace {

constexpr const char* kPython = "/usr/bin/python3";

boost::json::array messages(const std::string& url, const std::string& action, const std::string& queue) {
  const Outcome outcome = pika({url, action, queue});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return outcome.exit_code == 0 ? boost::json::parse(outcome.out).as_array() : boost::json::array();
}

}  // namespace

bool pika_is_installed() {
  return run_command({kPython, "-c", "import pika"}).exit_code == 0;
}

Outcome pika(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {kPython, GHSTATS_SOURCE_DIR "/tests/harness/pika_client.py"});
  return run_command(std::move(arguments));
}

boost::json::array take_messages(const std::string& url, const std::string& queue) {
  return messages(url, "take", queue);
}

boost::json::array look_at_messages(const std::string& url, const std::string& queue) {
  return messages(url, "look", queue);
}

}  // namespace ghstats::harness
