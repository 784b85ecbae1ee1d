// One of several exporters that share a store, and what its page has said so far.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "harness/exporter.h"
#include "harness/samples.h"

namespace ghstats::harness {

class Replica {
 public:
  // What is its own beside the configuration.
  struct Own {
    std::map<std::string, std::string> environment = {};
    std::string host_name = {};  // Exporter::Options::host_name
  };

  // Starts it; its wall clock stands still at `now`. `role`: "leader" or "follower".
  Replica(std::string role, std::string config, TimePoint now) : Replica(std::move(role), std::move(config), now, {}) {}
  Replica(std::string role, std::string config, TimePoint now, Own own);

  // Again, as a new process with the clock as it was set last.
  void start();
  void kill();
  // SIGTERM; the exit code.
  std::optional<int> stop();
  void set_clock(TimePoint now);

  Exporter& exporter() { return *exporter_; }
  [[nodiscard]] std::string log() { return name() + ":\n" + exporter_->process().output(); }

  // The page; fails the test when a counter went back since the last look.
  Samples look();
  // Of the first series that begins with this; -1 when there is none.
  double value(const std::string& begin);

  [[nodiscard]] int status(const std::string& path) const;
  // Words of /healthz.
  [[nodiscard]] std::string mode() const;
  [[nodiscard]] std::string role() const;
  // What /healthz?full=1 says about a component.
  [[nodiscard]] std::string details_of(const std::string& component) const;

 private:
  [[nodiscard]] std::string healthz(const std::string& field) const;

  [[nodiscard]] std::string name() const { return own_.host_name.empty() ? role_ : own_.host_name; }

  TemporaryFolder folder_;
  std::string role_;
  std::string config_;
  Own own_;
  TimePoint now_;
  std::unique_ptr<Exporter> exporter_;
  Samples counted_;
};

// Those that any replica must answer with, whoever is asked.
Samples shared_series(const Samples& samples);

}  // namespace ghstats::harness
