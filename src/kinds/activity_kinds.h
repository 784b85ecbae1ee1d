// What people do that is counted, once: ledger rows, bytes in stores, the server's functions, configuration keys,
// metric families, documents, jobs and collectors follow from these two tables or are checked against them by the
// compiler. CONTRIBUTING.md tells how to add one.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <vector>

namespace ghstats::kinds {

// How far back an activity counts: what the names of their metrics end with.
inline constexpr std::chrono::hours kActivityWindow{24};

// Their numbers are in stores: never renumbered, new ones go to the end. Their order is that of the page.
enum class EventKind : std::uint8_t {
  kCommit = 0,
  kPullRequestOpened = 1,
  kPullRequestMerged = 2,
  kReview = 3,
  kIssueComment = 4,
  kReviewComment = 5,
  kIssueOpened = 6,
  kIssueClosed = 7,
};

// What is asked for at once, and has one checkpoint. Their numbers are in stores, too.
enum class CollectionFamily : std::uint8_t {
  kCommits = 0,
  kPullRequests = 1,
  kReviews = 2,
  kIssueComments = 3,
  kReviewComments = 4,
  kIssues = 5,  // not the pull requests that GitHub counts among them
};

struct KindRow {
  EventKind kind{};
  std::string_view name{};    // in logs and tests
  CollectionFamily family{};  // collected with it
  std::string_view metric{};
  std::string_view help{};
};

struct FamilyRow {
  CollectionFamily family{};
  std::string_view name{};         // in jobs and logs
  std::string_view miss_reason{};  // of the closed list of contract.md section 6
  // Empty: always collected. Otherwise collected only where this key is true, and /_sim/truth speaks of it only where
  // the key's last part is asked for.
  std::string_view key{};
  std::string_view key_meaning{};
  bool on_by_default = true;
};

inline constexpr std::array kKindRows = {
    KindRow{EventKind::kCommit, "commit", CollectionFamily::kCommits, "gh_activity_commits_24h",
            "Commits of this user on the default branch whose committer date is within the last 24 hours."},
    KindRow{EventKind::kPullRequestOpened, "pr_opened", CollectionFamily::kPullRequests, "gh_activity_prs_opened_24h",
            "Pull requests this user opened within the last 24 hours."},
    KindRow{EventKind::kPullRequestMerged, "pr_merged", CollectionFamily::kPullRequests, "gh_activity_prs_merged_24h",
            "Pull requests of this author that were merged within the last 24 hours."},
    KindRow{EventKind::kReview, "review", CollectionFamily::kReviews, "gh_activity_reviews_submitted_24h",
            "Pull request reviews this user submitted within the last 24 hours."},
    KindRow{EventKind::kIssueComment, "issue_comment", CollectionFamily::kIssueComments,
            "gh_activity_issue_comments_24h",
            "Comments of this user on issues and pull request conversations within the last 24 hours."},
    KindRow{EventKind::kReviewComment, "review_comment", CollectionFamily::kReviewComments,
            "gh_activity_review_comments_24h",
            "Comments of this user on the diffs of pull requests within the last 24 hours."},
    KindRow{EventKind::kIssueOpened, "issue_opened", CollectionFamily::kIssues, "gh_activity_issues_opened_24h",
            "Issues this user opened within the last 24 hours."},
    KindRow{EventKind::kIssueClosed, "issue_closed", CollectionFamily::kIssues, "gh_activity_issues_closed_24h",
            "Issues that are closed, and were closed last by this user within the last 24 hours."},
};

inline constexpr std::array kFamilyRows = {
    FamilyRow{CollectionFamily::kCommits, "commits", "activity_commits_failed"},
    FamilyRow{CollectionFamily::kPullRequests, "pull_requests", "activity_pulls_failed"},
    FamilyRow{CollectionFamily::kReviews, "reviews", "activity_reviews_failed"},
    FamilyRow{CollectionFamily::kIssueComments, "issue_comments", "activity_issue_comments_failed"},
    FamilyRow{CollectionFamily::kReviewComments, "review_comments", "activity_reviews_failed",
              "activity.review_comments", "Count comments on the diffs of pull requests, too.", false},
    FamilyRow{CollectionFamily::kIssues, "issues", "activity_issue_comments_failed", "activity.issues",
              "Count issues that were opened and closed, too.", false},
};

inline constexpr std::size_t kEventKinds = kKindRows.size();
inline constexpr std::size_t kCollectionFamilies = kFamilyRows.size();

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kEventKinds; ++i) {
    if (static_cast<std::size_t>(kKindRows[i].kind) != i) return false;
  }
  for (std::size_t i = 0; i < kCollectionFamilies; ++i) {
    if (static_cast<std::size_t>(kFamilyRows[i].family) != i) return false;
  }
  return true;
}
static_assert(rows_are_in_order(), "one row per enumerator, in the order of their numbers");
static_assert(kActivityWindow == std::chrono::hours{24} &&
                  std::ranges::all_of(kKindRows, [](const KindRow& row) { return row.metric.ends_with("_24h"); }),
              "the names of the metrics say how long the window is");

constexpr const KindRow& row(EventKind kind) {
  return kKindRows[static_cast<std::size_t>(kind)];
}
constexpr const FamilyRow& row(CollectionFamily family) {
  return kFamilyRows[static_cast<std::size_t>(family)];
}
constexpr std::string_view to_string(EventKind kind) {
  return row(kind).name;
}
constexpr std::string_view to_string(CollectionFamily family) {
  return row(family).name;
}

inline constexpr auto kAllEventKinds = [] {
  std::array<EventKind, kEventKinds> out{};
  std::ranges::transform(kKindRows, out.begin(), &KindRow::kind);
  return out;
}();
inline constexpr auto kAllFamilies = [] {
  std::array<CollectionFamily, kCollectionFamilies> out{};
  std::ranges::transform(kFamilyRows, out.begin(), &FamilyRow::family);
  return out;
}();

// A choice of families, by their numbers.
using FamilySwitches = std::array<bool, kCollectionFamilies>;
inline constexpr FamilySwitches kDefaultFamilies = [] {
  FamilySwitches out{};
  std::ranges::transform(kFamilyRows, out.begin(), &FamilyRow::on_by_default);
  return out;
}();
inline constexpr FamilySwitches kEveryFamily = [] {
  FamilySwitches out{};
  out.fill(true);
  return out;
}();
constexpr bool is_on(const FamilySwitches& switches, CollectionFamily family) {
  return switches[static_cast<std::size_t>(family)];
}

// Those that are on, in order.
inline std::vector<CollectionFamily> families_of(const FamilySwitches& switches) {
  std::vector<CollectionFamily> out;
  std::ranges::copy_if(kAllFamilies, std::back_inserter(out), [&](auto family) { return is_on(switches, family); });
  return out;
}

}  // namespace ghstats::kinds
