// From what was missed to which jobs there should be: calculations without I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/job.h"
#include "base/duration.h"
#include "work/miss.h"

namespace ghstats::backfill {

// The window widened to multiples of `bucket` (>= 1 ms) since 1970: its begin rounded down, its end up. Never empty: a
// window that is empty becomes the bucket that contains its end, a reversed one is turned round. Times before 1970 and
// after 2200 become those.
TimeWindow widen(TimeWindow window, Duration bucket);

// The jobs that these misses make, in the order of their first miss: windows widened; misses of the same organisation,
// repository, reason (and Copilot report) whose widened windows overlap or touch are one, with the families of all.
std::vector<work::Miss> coalesce(std::vector<work::Miss> misses, Duration bucket);

// What makes two jobs the same: organisation, repository (its id where it is known), reason, window, families, and the
// Copilot report. The families belong to it because those of one reason differ from cycle to cycle (rate_limited:
// whatever was asked last), and a job for one family must not keep another family's job out; the report because every
// report of an organisation has repository "*". Of a coalesced request; the same text on every replica.
std::string dedup_key(const work::Miss& request);

}  // namespace ghstats::backfill
