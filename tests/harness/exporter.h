// A running github-stats-exporter, its clock moved from outside.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "harness/process.h"
#include "harness/simulator.h"

namespace ghstats::harness {

// A configuration for the organisations of a simulator, all of one App, collected as often as possible.
// `more` are further sections; `github` and `retry` further keys of those sections: "request_timeout: 1s".
std::string config_for(const Simulator& simulator, const std::vector<std::string>& orgs, const std::string& more = {},
                       const std::string& github = {}, const std::string& retry = {},
                       const std::string& scrape_interval = "100ms");

// The beginning of a day that lies ahead of the machine's clock, so that nothing is right by chance. Timers go on in
// real time (harness/preload).
TimePoint faketime_start();

class Exporter {
 public:
  struct Options {
    std::string config;                   // YAML; the address is filled in for "${LISTEN}"
    std::optional<TimePoint> clock = {};  // absent: the machine's; otherwise frozen, see set_clock
    std::map<std::string, std::string> environment = {};
    std::string host_name = {};  // what it takes for its machine's name; empty: that name
  };

  // Returns when it listens.
  Exporter(const std::filesystem::path& folder, Options options);

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  Process& process() { return *process_; }

  // Its wall clock stands still at `now` (libfaketime); timers go on in real time.
  void set_clock(TimePoint now);

  [[nodiscard]] std::string page() const;
  [[nodiscard]] std::map<std::string, double> samples() const;

  // Waits until one whole cycle of `org` has begun after this call and ended with `result`.
  [[nodiscard]] bool complete_cycle(const std::string& org, const std::string& result = "success",
                                    std::chrono::seconds limit = std::chrono::seconds{60}) const;

 private:
  [[nodiscard]] double cycles(const std::string& org, const std::string& result) const;

  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace ghstats::harness
