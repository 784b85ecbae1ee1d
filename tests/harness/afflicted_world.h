// A simulator with an organisation for each of many faults, and an exporter that collects them all at once.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/exporter.h"
#include "harness/fault_table.h"
#include "harness/samples.h"
#include "harness/simulator.h"

namespace ghstats::harness {

class AfflictedWorld {
 public:
  struct Options {
    std::vector<std::string> simulator = {};  // further options
    std::string config = {};                  // further sections
    std::string truth = {};                   // further words of the question, as Simulator::truth has them
    std::string scrape_interval = "1s";
  };

  // An organisation that nothing strikes.
  static constexpr const char* kCalm = "calm";

  // Each organisation has two repositories, "alpha" and "beta", and each of these one event of every kind. The
  // exporter does not run yet.
  AfflictedWorld(std::vector<Fault> faults, Options options);

  [[nodiscard]] const std::vector<Fault>& faults() const { return faults_; }
  Simulator& simulator() { return simulator_; }
  Exporter& exporter() { return *exporter_; }

  // A new exporter, which knows nothing of an earlier one.
  void start();
  // One more event of every kind everywhere.
  void work();
  // Every fault strikes at this place of its organisation.
  void inflict(const Place& place);
  void inflict(const Fault& fault, const Place& place, const std::string& org);
  // These lines, once for each repository, "{repo}" being its name.
  void perform_everywhere(const std::string& activity);

  [[nodiscard]] Samples samples() const { return exporter_->samples(); }

  // Complaints, a line each; empty when all is well.
  //
  // Numbers of everything, or of the calm organisation and those whose fault meets a condition, that are not the truth.
  [[nodiscard]] std::string difference() const;
  [[nodiscard]] std::string difference(const std::function<bool(const Fault&)>& concerns) const;
  // What has not happened within `limit` of what must happen to counters after `before`, and what has although it must
  // not.
  [[nodiscard]] std::string wrong_counters(std::chrono::seconds limit, const Place& place, const Samples& before) const;
  // Repositories that are not exact although their faults strike others.
  [[nodiscard]] std::string others_that_suffer(const Place& place) const;
  // Faults in force without any effect on numbers: what passes under them proves nothing.
  [[nodiscard]] std::string faults_that_do_not_hurt(const Place& place) const;

 private:
  struct View {
    Samples page;
    Samples truth;
  };
  [[nodiscard]] View look() const;
  static std::string of(const View& view, const std::string& org, const std::string& repository);
  static std::string of(const View& view, const std::string& org);
  [[nodiscard]] std::string filled_in(std::string text, const std::string& org) const;

  TemporaryFolder folder_;
  std::vector<Fault> faults_;
  std::vector<std::string> orgs_;
  Options options_;
  Simulator simulator_;
  std::optional<Exporter> exporter_;
  int round_ = 0;
};

}  // namespace ghstats::harness
