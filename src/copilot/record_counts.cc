#include "copilot/record_counts.h"

#include <string>

namespace ghstats::copilot {

void count_lines(metrics::Recorder& recorder, ReportKind kind, const LineCounts& counts) {
  using metrics::Family;
  const std::string scope(row(kind).scope);
  if (counts.taken > 0) recorder.add(Family::kCopilotRecordsParsed, {scope}, static_cast<double>(counts.taken));
  for (std::size_t i = 0; i < counts.dropped.size(); ++i) {
    if (counts.dropped[i] == 0) continue;
    recorder.add(Family::kCopilotRecordsDropped, {scope, std::string(kDropReasons[i])},
                 static_cast<double>(counts.dropped[i]));
  }
}

}  // namespace ghstats::copilot
