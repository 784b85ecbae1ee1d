#include <algorithm>

#include "sim/world/world.h"

namespace ghstats::sim {
namespace {

void raise(TimePoint& newest, TimePoint candidate, TimePoint at) {
  if (candidate <= at) newest = std::max(newest, candidate);
}

void raise(TimePoint& newest, const std::optional<TimePoint>& candidate, TimePoint at) {
  if (candidate) raise(newest, *candidate, at);
}

TimePoint newest_of(TimePoint created_at, const std::vector<TimePoint>& edits, TimePoint at) {
  TimePoint newest = created_at;
  for (const auto t : edits) raise(newest, t, at);
  return newest;
}

}  // namespace

std::string full_name(const Repository& repository, TimePoint at) {
  return repository.owner->login + '/' + repository.name.at(at);
}

std::optional<TimePoint> pushed_at(const Repository& repository, TimePoint at) {
  std::optional<TimePoint> newest;
  for (const auto t : repository.pushes) {
    if (t <= at && (!newest || t > *newest)) newest = t;
  }
  return newest;
}

std::optional<std::string> head_sha(const Repository& repository, TimePoint at) {
  const Commit* head = nullptr;
  for (const auto& commit : repository.commits) {
    if (commit.visible_from <= at && (head == nullptr || commit.visible_from >= head->visible_from)) head = &commit;
  }
  if (head == nullptr) return std::nullopt;
  return head->sha;
}

std::unordered_map<std::uint64_t, TimePoint> pulls_updated_at(const Repository& repository, TimePoint at) {
  std::unordered_map<std::uint64_t, TimePoint> updated;
  for (const auto& pull : repository.pulls) {
    auto& newest = updated.emplace(pull.number, pull.created_at).first->second;
    raise(newest, pull.closed_at, at);
    for (const auto t : pull.head_pushes) raise(newest, t, at);
  }
  for (const auto& review : repository.reviews) {
    auto& newest = updated[review.pull_number];
    raise(newest, review.submitted_at, at);
    raise(newest, review.dismissed_at, at);
  }
  for (const auto& comment : repository.comments) {
    const auto pull = updated.find(comment.issue_number);
    if (pull != updated.end() && comment.created_at <= at) raise(pull->second, updated_at(comment, at), at);
  }
  for (const auto& comment : repository.review_comments) {
    if (comment.created_at <= at) raise(updated[comment.pull_number], updated_at(comment, at), at);
  }
  return updated;
}

std::unordered_map<std::uint64_t, TimePoint> issues_updated_at(const Repository& repository, TimePoint at) {
  std::unordered_map<std::uint64_t, TimePoint> updated;
  for (const auto& issue : repository.issues) {
    auto& newest = updated.emplace(issue.number, issue.created_at).first->second;
    for (const auto& change : issue.closing.changes()) raise(newest, change.from, at);
  }
  for (const auto& comment : repository.comments) {
    const auto issue = updated.find(comment.issue_number);
    if (issue != updated.end() && comment.created_at <= at) raise(issue->second, updated_at(comment, at), at);
  }
  return updated;
}

TimePoint updated_at(const IssueComment& comment, TimePoint at) {
  return newest_of(comment.created_at, comment.edits, at);
}

TimePoint updated_at(const ReviewComment& comment, TimePoint at) {
  return newest_of(comment.created_at, comment.edits, at);
}

std::string_view state_of(const Review& review, TimePoint at) {
  if (!review.submitted_at || *review.submitted_at > at) return "PENDING";
  if (review.dismissed_at && *review.dismissed_at <= at) return "DISMISSED";
  return review.state;
}

bool is_open(const PullRequest& pull, TimePoint at) {
  return !pull.closed_at || *pull.closed_at > at;
}

bool is_open(const Issue& issue, TimePoint at) {
  return !issue.closing.at(at).at;
}

bool is_open_again(const Issue& issue, TimePoint at) {
  const auto was_closed = [&](const auto& change) { return change.from <= at && change.value.at; };
  return is_open(issue, at) && std::ranges::any_of(issue.closing.changes(), was_closed);
}

bool is_merged(const PullRequest& pull, TimePoint at) {
  return pull.merged_at && *pull.merged_at <= at;
}

}  // namespace ghstats::sim
