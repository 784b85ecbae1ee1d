// What a ledger knows of one user in one repository.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "ledger/event.h"

namespace ghstats::ledger {

// All events of one user in one repository.
using RowIndex = std::uint32_t;

// The numbers of a row, all of them functions of the events and of `now` alone: replicas that know the same events
// agree at the same instant, whatever the order of telling, and a clock that steps back steps the numbers back.
struct Row {
  RepoId repo{};
  std::string_view user;  // lives as long as the ledger
  // Events with now - window < t <= now.
  std::array<std::uint32_t, kEventKinds> count{};
  // True while the count is > 0 and for `linger` after it fell to 0: some event has now - window - linger < t <= now.
  std::array<bool, kEventKinds> exported{};
  // Newest event with t <= now.
  std::optional<TimePoint> last_event;
};

}  // namespace ghstats::ledger
