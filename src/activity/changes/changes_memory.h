// What a strategy that collects changes works with, and what it remembers of one organisation for one leadership.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "activity/changes/heads_diff.h"
#include "activity/changes/reconcile_timing.h"
#include "activity/changes/search_windows.h"
#include "activity/inventory.h"
#include "activity/org_cycle.h"
#include "base/clock.h"
#include "base/duration.h"
#include "github/graphql/graphql_api.h"
#include "kinds/activity_kinds.h"
#include "store/coverage.h"
#include "store/store.h"

namespace ghstats::activity {

// All of it must outlive its users.
struct ChangesEnvironment {
  github::GraphqlApi& api;
  Inventory& inventory;  // of the same organisation; told what the heads tell
  store::MetricStore& store;
  store::Authority authority;
};

struct ChangesSettings {
  OrgSettings org;
  Duration reconcile_interval = std::chrono::minutes{15};
  SearchPolicy search = {};
  // Heads are read page by page, one page after another, always in an organisation of so many repositories; in a larger
  // one so often, and whenever GitHub counts other repositories than then: in between known ones by id, which takes as
  // many queries, several at a time.
  std::uint64_t always_listed = 1000;
  Duration inventory_interval = std::chrono::hours{1};

  [[nodiscard]] kinds::FamilySwitches families() const {
    kinds::FamilySwitches out{};
    for (const auto family : org.sweep.families) out[static_cast<std::size_t>(family)] = true;
    return out;
  }
};

// Losing it costs requests and no event.
struct ChangesMemory {
  explicit ChangesMemory(Duration reconcile_interval) : timing(reconcile_interval) {}

  // Whether heads were compared and claimed in this leadership.
  [[nodiscard]] bool reconciled() const { return pushed_since.has_value(); }

  KnownHeads known = {};  // of what is collected
  // What the store was last found or made to hold. It holds something else: it has lost data or was emptied.
  store::CoverageRecord claimed = {};
  ReconcileTiming timing;
  std::optional<TimePoint> told_until = {};    // by search
  std::optional<TimePoint> pushed_since = {};  // GitHub's clock when pushes were last looked at
  std::optional<SteadyPoint> listed = {};      // heads, page by page
  std::uint64_t total_listed = 0;              // how many repositories GitHub counted then
};

}  // namespace ghstats::activity
