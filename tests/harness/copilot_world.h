// An organisation with Copilot, and an exporter that reads its reports.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/time_format.h"
#include "harness/copilot_reports.h"
#include "harness/exporter.h"
#include "harness/http.h"
#include "harness/log_lines.h"
#include "harness/samples.h"
#include "harness/simulator.h"

namespace ghstats::harness {

class CopilotWorld : public ::testing::Test {
 protected:
  static constexpr std::chrono::seconds kPatience{30};

  // Keys of the section copilot besides `enabled`; reports are asked for as often as possible unless told otherwise.
  [[nodiscard]] std::string config(const std::string& copilot, const std::string& more = {}) const {
    return config_for(*simulator, {"acme"},
                      "copilot: {enabled: true, scrape_interval: 100ms, " + copilot + "}\n" + more);
  }

  void start(const std::string& config_text) {
    exporter.reset();
    exporter = std::make_unique<Exporter>(folder.path(), Exporter::Options{.config = config_text, .clock = now});
  }

  void pass(std::chrono::seconds time) {
    now += time;
    simulator->set_clock(now);
    if (exporter) exporter->set_clock(now);
  }

  // What is wrong with the sums of a report, now or after a while; empty when nothing is.
  [[nodiscard]] std::string wrong_after_all(const ReportName& name, const Labels& labels,
                                            bool pull_requests = true) const {
    const auto truth = reports.truth(name);
    const std::string wrong =
        complaints_after(kPatience, [&] { return wrong_sums(exporter->samples(), truth, labels, pull_requests); });
    return wrong.empty() ? wrong : wrong + exporter->process().output();
  }

  // Runs of a scope that ended with `result`.
  [[nodiscard]] double runs(const std::string& scope, const std::string& result) const {
    return sum_of(exporter->samples(), "gh_exporter_copilot_scrape_runs_total", {{"scope", scope}, {"result", result}});
  }
  // One more run of `scope` began after this call and ended with `result`.
  [[nodiscard]] bool one_more_run(const std::string& scope, const std::string& result) const {
    const double before = runs(scope, result);
    return eventually(kPatience, [&] { return runs(scope, result) >= before + 2; });
  }

  [[nodiscard]] std::vector<std::string> complaints(const std::string& message) const {
    std::vector<std::string> out;
    for (const auto& line : log_lines(exporter->process().output())) {
      if (text_of(line, "msg").starts_with(message) && text_of(line, "level") != "debug") {
        out.push_back(text_of(line, "error"));
      }
    }
    return out;
  }

  const TemporaryFolder folder;
  TimePoint now = faketime_start();
  std::unique_ptr<Simulator> simulator =
      std::make_unique<Simulator>(folder.path(), std::vector<std::string>{"--clock",
                                                                          "frozen",
                                                                          "--start",
                                                                          format_rfc3339(now),
                                                                          "--from",
                                                                          format_rfc3339(now - std::chrono::hours{24}),
                                                                          "--hours",
                                                                          "60",
                                                                          "--org",
                                                                          "acme",
                                                                          "--enterprise",
                                                                          "acme-inc",
                                                                          "--repos",
                                                                          "2",
                                                                          "--users",
                                                                          "5",
                                                                          "--events",
                                                                          "60",
                                                                          "--seed",
                                                                          "7",
                                                                          "--no-rate-limit-headers"});
  CopilotReports reports{*simulator};
  std::unique_ptr<Exporter> exporter;
};

}  // namespace ghstats::harness
