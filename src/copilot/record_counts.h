#pragma once

#include "copilot/report_kind.h"
#include "copilot/report_reader.h"
#include "metrics/recorder.h"

namespace ghstats::copilot {

// gh_exporter_copilot_records_parsed_total and ..._dropped_total of what was read of one report.
void count_lines(metrics::Recorder& recorder, ReportKind kind, const LineCounts& counts);

}  // namespace ghstats::copilot
