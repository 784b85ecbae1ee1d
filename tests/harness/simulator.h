// A running ghsim.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "harness/process.h"

namespace ghstats::harness {

class Simulator {
 public:
  // Starts it with these options besides address and credentials; returns when it answers. Its App has id 1 and the
  // key app_key(); its log is in `folder`.
  Simulator(const std::filesystem::path& folder, std::vector<std::string> options);

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::string app_key() const { return (folder_ / "app.pem").string(); }
  Process& process() { return *process_; }

  void set_clock(TimePoint now);
  // Body of POST /_sim/faults and POST /_sim/activity.
  void add_faults(const std::string& json);
  void clear_faults();
  // How often the faults there are have struck.
  [[nodiscard]] std::uint64_t fault_hits() const;
  // How many requests were answered so far and are being answered now.
  [[nodiscard]] std::uint64_t requests() const;
  // The last requests that came, oldest first: which host (and port) was asked for, and when by the steady clock.
  struct Arrival {
    std::string host;
    SteadyPoint at;
  };
  [[nodiscard]] std::vector<Arrival> arrivals() const;
  // Requests that came although a limit forbade them, as GET /_sim/requests tells them; empty when there were none.
  [[nodiscard]] std::string forbidden() const;
  void perform(const std::string& json);
  // One more commit, pull request, review and comment in each of these repositories ("owner/name"). `round` is the
  // number of times this was done there, this one included: their pull requests are numbered by it.
  void work(const std::vector<std::string>& repositories, int round);

  // "family{org=..,repo=..,user=..}" as on the page, to the value it must have at `at`. Last events of people without
  // newer ones are left out: whether they are shown depends on how long an exporter has been running.
  [[nodiscard]] std::map<std::string, double> truth(TimePoint at, std::string query = {}) const;

 private:
  std::filesystem::path folder_;
  std::string url_;
  std::unique_ptr<Process> process_;
};

}  // namespace ghstats::harness
