// What an exporter says of GitHub's health and of cycles that it skips: on its page, in /healthz and in its log.
#pragma once

#include <string>

#include "harness/exporter.h"

namespace ghstats::harness {

class CooldownTold {
 public:
  // `exporter` must outlive it.
  explicit CooldownTold(Exporter& exporter) : exporter_(exporter) {}

  // Cycles so far; `result` as gh_exporter_scrape_runs_total has it.
  [[nodiscard]] double runs(const std::string& org, const std::string& result) const;
  // Jobs enqueued so far.
  [[nodiscard]] double jobs(const std::string& org, const std::string& reason) const;

  // Whether GitHub is healthy, as /healthz and the page say it, which must be the same unless it changes between the
  // two; else the test fails.
  [[nodiscard]] bool is_healthy() const;

  // How often the log has this message of `org`.
  [[nodiscard]] int times_logged(const std::string& message, const std::string& org) const;
  // Successful cycles between the last that failed and being healthy again; -1 while it is not.
  [[nodiscard]] int cycles_to_recovery(const std::string& org) const;

 private:
  [[nodiscard]] bool healthz_says_healthy() const;

  Exporter& exporter_;
};

}  // namespace ghstats::harness
