// What could not be collected.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time_window.h"
#include "store/store.h"
#include "work/reason.h"

namespace ghstats::work {

inline constexpr std::string_view kWholeOrganisation = "*";  // as a repository

// What a miss of Copilot usage is about; empty strings were not given. Days are YYYY-MM-DD.
struct CopilotReport {
  std::string scope{};
  std::string scope_id{};
  std::string report_type{};
  std::string window_start_day{};
  std::string window_end_day{};
  friend auto operator<=>(const CopilotReport&, const CopilotReport&) = default;
};

// Some families of one repository (or of the whole organisation) over the window that is now missing: from the last
// checkpoint to the time of the failed attempt. Nothing of it was counted, and its checkpoint did not move, so
// collecting from the checkpoint again makes the numbers right.
struct Miss {
  std::string org{};                                // as configured
  std::string repo{};                               // its current name; empty or kWholeOrganisation: every repository
  std::optional<RepoId> repo_id{};                  // names change
  std::vector<store::CollectionFamily> families{};  // any order; empty: all that the reason is about
  TimeWindow window{};                              // of lines of code: the week
  Reason reason{};
  Error error{};
  // GitHub said that it does not exist or may not be read (404, 410, 451, 403): asking again does not help.
  bool is_final = false;
  CopilotReport copilot{};

  // The same work, whatever its error was.
  friend bool operator==(const Miss& a, const Miss& b) {
    return std::tie(a.org, a.repo, a.repo_id, a.families, a.window, a.reason, a.is_final, a.copilot) ==
           std::tie(b.org, b.repo, b.repo_id, b.families, b.window, b.reason, b.is_final, b.copilot);
  }
};

inline bool is_whole_organisation(const Miss& miss) {
  return miss.repo.empty() || miss.repo == kWholeOrganisation;
}

}  // namespace ghstats::work
