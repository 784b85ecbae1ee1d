// Something that is tried again and again: its failure is news once.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"
#include "log/log.h"

namespace ghstats::log {

// Warns of the first failure after a success, and of the first of all.
class Attempts {
 public:
  Attempts(Logger logger, std::string complaint) : logger_(std::move(logger)), complaint_(std::move(complaint)) {}

  void ended(const Status& outcome) {
    if (!outcome && !failing_) logger_.warn(complaint_, {{"error", outcome.error().message}});
    failing_ = !outcome;
  }

 private:
  Logger logger_;
  std::string complaint_;
  bool failing_ = false;
};

}  // namespace ghstats::log
