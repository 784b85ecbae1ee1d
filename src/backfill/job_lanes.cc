#include "backfill/job_lanes.h"

#include <algorithm>
#include <utility>

#include "base/folded.h"

namespace ghstats::backfill {

LaneLimits lane_limits(std::size_t consumers, std::size_t orgs) {
  const std::size_t jobs = std::max<std::size_t>(consumers, 1);
  return {.jobs = jobs, .jobs_per_org = orgs > 1 && jobs > 1 ? jobs - 1 : jobs};
}

bool JobLanes::wants_more() const {
  return running_ < limits_.jobs && running_ + waiting_.size() < prefetch();
}

void JobLanes::arrive(Assignment assignment) {
  waiting_.push_back(std::move(assignment));
}

const JobLanes::Lane* JobLanes::full_lane(const Assignment& assignment) const {
  const auto lane = lanes_.find(folded(assignment.job.org));
  return lane != lanes_.end() && lane->second.running >= limits_.jobs_per_org ? &lane->second : nullptr;
}

std::optional<Assignment> JobLanes::start_next(SteadyPoint now) {
  if (running_ >= limits_.jobs) return std::nullopt;
  const auto next = std::ranges::find_if(waiting_, [&](const Assignment& a) { return full_lane(a) == nullptr; });
  if (next == waiting_.end()) return std::nullopt;
  Assignment started = std::move(*next);
  waiting_.erase(next);
  Lane& lane = lanes_[folded(started.job.org)];
  ++lane.running;
  lane.last_change = now;
  ++running_;
  return started;
}

void JobLanes::finish(const std::string& org, SteadyPoint now) {
  const auto lane = lanes_.find(folded(org));
  --running_;
  lane->second.last_change = now;
  if (--lane->second.running == 0) lanes_.erase(lane);
}

std::vector<Assignment> JobLanes::take_stalled(SteadyPoint now) {
  std::vector<Assignment> stalled;
  for (auto place = waiting_.begin(); place != waiting_.end();) {
    const Lane* lane = full_lane(*place);
    if (lane == nullptr || now - lane->last_change < limits_.patience) {
      ++place;
      continue;
    }
    stalled.push_back(std::move(*place));
    place = waiting_.erase(place);
  }
  return stalled;
}

std::optional<SteadyPoint> JobLanes::next_stall() const {
  std::optional<SteadyPoint> next;
  for (const Assignment& assignment : waiting_) {
    const Lane* lane = full_lane(assignment);
    if (lane == nullptr) continue;
    const SteadyPoint stalls = lane->last_change + limits_.patience;
    next = next ? std::min(*next, stalls) : stalls;
  }
  return next;
}

}  // namespace ghstats::backfill
