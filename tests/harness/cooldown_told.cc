#include "harness/cooldown_told.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "harness/http.h"
#include "harness/log_lines.h"
#include "harness/samples.h"

namespace ghstats::harness {

double CooldownTold::runs(const std::string& org, const std::string& result) const {
  return sum_of(exporter_.samples(), "gh_exporter_scrape_runs_total", {{"org", org}, {"result", result}});
}

double CooldownTold::jobs(const std::string& org, const std::string& reason) const {
  return sum_of(exporter_.samples(), "gh_exporter_backfill_jobs_enqueued_total", {{"org", org}, {"reason", reason}});
}

bool CooldownTold::healthz_says_healthy() const {
  const auto healthz = get(exporter_.url() + "/healthz");
  EXPECT_EQ(healthz.status, 200) << "it serves what it knows";
  return boost::json::parse(healthz.body).at("components").at("github_healthy").as_bool();
}

bool CooldownTold::is_healthy() const {
  for (;;) {
    const bool before = healthz_says_healthy();
    const double gauge = sum_of(exporter_.samples(), "gh_exporter_dependency_health", {{"dependency", "github"}});
    const bool after = healthz_says_healthy();
    if (before != after) continue;
    EXPECT_EQ(gauge, after ? 1 : 0);
    return after;
  }
}

int CooldownTold::times_logged(const std::string& message, const std::string& org) const {
  int times = 0;
  for (const auto& line : log_lines(exporter_.process().output())) {
    if (text_of(line, "msg") == message && (text_of(line, "of") == org || text_of(line, "org") == org)) ++times;
  }
  return times;
}

int CooldownTold::cycles_to_recovery(const std::string& org) const {
  int cycles = 0;
  for (const auto& line : log_lines(exporter_.process().output())) {
    const std::string message = text_of(line, "msg");
    if (message == "cycle finished" && text_of(line, "org") == org) {
      cycles = text_of(line, "result") == "success" ? cycles + 1 : 0;
    }
    if (message == "healthy again" && text_of(line, "of") == org) return cycles;
  }
  return -1;
}

}  // namespace ghstats::harness
