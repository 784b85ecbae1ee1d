// GET /{orgs,enterprises}/{owner}/copilot/metrics/reports/... (github-api.md 4.1): where the files of a report are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/duration.h"
#include "github/api.h"

namespace ghstats::github {

// Which report: there are eight of them, and their table is not here (copilot/report_kind.h).
struct CopilotReportQuestion {
  std::string endpoint;                  // for the observer
  std::string what;                      // for people, as Call::what
  std::string path;                      // with its query, where it has one
  std::optional<Duration> timeout = {};  // as Call::timeout
};

struct CopilotReportLinks {
  // At least one, in GitHub's order; together they are the report. Absolute or not, of whatever host: to be checked.
  // Secret: who has one can read the file for about an hour.
  std::vector<std::string> download_links;
  std::string first_day;  // YYYY-MM-DD, of a 1-day report the same as last_day; empty: not told
  std::string last_day;
};

// Absent: 204, there is no report (yet). Never conditional, and nothing of it is kept. Errors: those of Api::get;
// kInvalidData, too, when an answer has no links or another shape.
async::Task<Result<std::optional<CopilotReportLinks>>> get_copilot_report_links(Api& api,
                                                                                CopilotReportQuestion question);

}  // namespace ghstats::github
