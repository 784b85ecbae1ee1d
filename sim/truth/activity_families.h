// Which gauges of 24 hours an exporter of the contract shows: a list of the simulator's own, which a test compares with
// the product's.
#pragma once

#include <array>
#include <string_view>

namespace ghstats::sim {

struct ActivityFamily {
  std::string_view metric;
  std::string_view parameter = {};  // of /_sim/truth: only where it is "true"; empty: always
};

inline constexpr std::array kActivityFamilies = {
    ActivityFamily{"gh_activity_commits_24h"},
    ActivityFamily{"gh_activity_prs_opened_24h"},
    ActivityFamily{"gh_activity_prs_merged_24h"},
    ActivityFamily{"gh_activity_reviews_submitted_24h"},
    ActivityFamily{"gh_activity_issue_comments_24h"},
    ActivityFamily{"gh_activity_review_comments_24h", "review_comments"},
    ActivityFamily{"gh_activity_issues_opened_24h", "issues"},
    ActivityFamily{"gh_activity_issues_closed_24h", "issues"},
};

}  // namespace ghstats::sim
