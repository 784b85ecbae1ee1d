#include "copilot/report_kind.h"

#include <algorithm>

#include "http/message.h"

namespace ghstats::copilot {

const ReportRow* find_report(std::string_view owner, std::string_view name) {
  const auto* const it = std::ranges::find_if(
      kReports, [&](const ReportRow& report) { return report.owner == owner && report.name == name; });
  return it == kReports.end() ? nullptr : it;
}

std::string link_path(ReportKind kind, std::string_view owner, std::string_view day) {
  constexpr std::string_view kMark = "{owner}";
  const ReportRow& report = row(kind);
  std::string path(report.path);
  path.replace(path.find(kMark), kMark.size(), http::percent_encode(owner));
  if (report.one_day) path += "?day=" + http::percent_encode(day);
  return path;
}

}  // namespace ghstats::copilot
