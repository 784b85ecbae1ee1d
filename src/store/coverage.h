// What may be claimed as collected of an organisation: one watermark, and who stays behind it. Times are GitHub's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "kinds/activity_kinds.h"
#include "kinds/aspect.h"

namespace ghstats::store {

using kinds::PerAspect;

// The watermark speaks for a member but for the aspects that are behind.
struct Member {
  PerAspect<bool> behind{};
  // Of those that are: how far they are collected; absent: nothing is claimed.
  PerAspect<std::optional<TimePoint>> until{};

  [[nodiscard]] bool is_behind() const { return behind[0] || behind[1] || behind[2]; }
  friend bool operator==(const Member&, const Member&) = default;
};

struct Coverage {
  std::optional<TimePoint> until;  // the watermark; absent: nothing is claimed of anybody
  std::map<RepoId, Member> members;

  friend bool operator==(const Coverage&, const Coverage&) = default;
};

// What a store knows of an organisation; a default one where it knows nothing.
struct CoverageRecord {
  Coverage coverage = {};
  kinds::FamilySwitches families{};  // that the claims are about
  // Counts the notes. A record that is made (for the first time, or because the old one is lost) begins with a number
  // that no other record comes to: see first_serial(). 0: there is none.
  std::uint64_t serial = 0;

  friend bool operator==(const CoverageRecord&, const CoverageRecord&) = default;
};

// What a collection (a reconcile) claims when all of its data is told. Taken only where the record's serial still is
// `serial`. A store that forgot anything meanwhile has another one, so who claims must have seen, after the record was
// read, each of its notes without a claim answered with one more than before (Receipt::coverage_serial); a record with
// serial 0 with anything else but 0. Otherwise it has nothing to claim, and must not go on from the other number.
struct CoverageClaim {
  std::uint64_t serial = 0;
  // Replaces the watermark, which the caller may put back, or end; the store never moves it by itself.
  std::optional<TimePoint> until = {};
  kinds::FamilySwitches families{};  // replace those of the record
  // Members that are set, or added, and those that are removed; a repository is in one of them. All others stay.
  std::map<RepoId, Member> changed = {};
  std::vector<RepoId> left = {};
};

// Told with a batch of an organisation's data.
struct CoverageNote {
  std::string org;  // as configured
  std::optional<CoverageClaim> claim = {};
};

// How many members one claim may name, changed and left together: it is one step for everybody.
inline constexpr std::size_t kMostClaimed = 20'000;

// kTooLarge.
Status check_size(const CoverageNote& note);

// What a record that is made at this time begins with: microseconds since 1970 (> 0). A record that was made earlier
// does not come to it by counting notes, of which nobody tells a million a second.
std::uint64_t first_serial(TimePoint now);

}  // namespace ghstats::store
