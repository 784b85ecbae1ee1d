// The reports of Copilot usage that a simulator serves, and what pages must make of them.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>

#include "harness/samples.h"
#include "harness/simulator.h"

namespace ghstats::harness {

// How reports are asked about: the owner's kind, its name, the report's.
struct ReportName {
  std::string owner_kind = "org";
  std::string owner = "acme";
  std::string report = "users-28-day";
};

class CopilotReports {
 public:
  explicit CopilotReports(const Simulator& simulator) : url_(simulator.url()) {}

  // Body of POST /_sim/copilot.
  void set_up(const std::string& json);

  // GET /_sim/copilot/truth of the newest, or of `day`; `more` as "&by_user=true".
  [[nodiscard]] boost::json::object truth(const ReportName& name, const std::string& day = {},
                                          const std::string& more = {}) const;

  // How often links to it were asked for, and how often one of its files was, with whatever result.
  [[nodiscard]] std::int64_t links_asked(const ReportName& name) const;
  [[nodiscard]] std::int64_t downloads(const ReportName& name) const;
  // Requests to the report host that bore an Authorization header.
  [[nodiscard]] std::int64_t with_authorization() const { return of_host("with_authorization"); }
  // Of all files so far.
  [[nodiscard]] std::int64_t bytes_sent() const { return of_host("bytes_sent"); }

 private:
  [[nodiscard]] std::int64_t of_host(const char* what) const;
  [[nodiscard]] std::int64_t count(const ReportName& name, const char* what) const;

  std::string url_;
};

// The families whose sum over all series with these labels is not the report's, a line each. Pull requests count where
// the truth tells of them and `pull_requests` is true; else there must be none.
std::string wrong_sums(const Samples& page, const boost::json::object& truth, const Labels& labels,
                       bool pull_requests = true);

// Of one user or row of the truth: its seven counters.
std::string wrong_counters(const Samples& page, const boost::json::object& counters, const Labels& labels);

// Series of gh_copilot_usage_* that bear all these labels.
std::size_t copilot_series(const Samples& page, const Labels& labels = {});

}  // namespace ghstats::harness
