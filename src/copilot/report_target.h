// Which reports are collected, and how.
#pragma once

#include <string>

#include "base/duration.h"
#include "copilot/report_kind.h"
#include "copilot/report_options.h"
#include "github/api.h"

namespace ghstats::copilot {

struct ReportSettings {
  ReportOptions options;
  Duration interval = std::chrono::hours{6};  // copilot.scrape_interval
  bool refresh_unchanged = false;             // copilot.refresh_if_report_unchanged
};

// A 28-day report of an organisation or enterprise, and the door to it.
struct ReportTarget {
  ReportKind kind{};
  std::string owner;  // the organisation as configured, or the enterprise's slug
  github::Api* api = nullptr;
};

}  // namespace ghstats::copilot
