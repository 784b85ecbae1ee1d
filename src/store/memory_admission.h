// Notices and budgets of one process. No I/O, no clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "store/store.h"

namespace ghstats::store {

// As MetricStore::admit(), announce() and announced() promise.
class MemoryAdmission {
 public:
  std::optional<Notice> admit(const Admission& admission, SteadyPoint now) {
    for (const std::string& name : admission.bars) {
      if (auto notice = find(name, now)) return notice;
    }
    if (!admission.budget) return std::nullopt;
    const Budget& budget = *admission.budget;
    SteadyPoint& full_at = full_at_[budget.name];
    full_at = std::max(full_at, now);
    const auto room = (budget.capacity - std::min(budget.points, budget.capacity)) * budget.per_point;
    const std::chrono::nanoseconds wait = full_at - now - room;
    if (wait.count() > 0) return Notice{budget.name, wait, ""};
    full_at += budget.points * budget.per_point;
    return std::nullopt;
  }

  void announce(Notice notice, SteadyPoint now) {
    std::erase_if(standing_, [&](const auto& entry) { return entry.second.ends <= now; });
    Standing& known = standing_[notice.name];
    if (known.ends <= now + notice.left) known = {now + notice.left, std::move(notice.text)};
  }

  [[nodiscard]] std::vector<Notice> announced(const std::vector<std::string>& names, SteadyPoint now) const {
    std::vector<Notice> found;
    for (const std::string& name : names) {
      if (auto notice = find(name, now)) found.push_back(*std::move(notice));
    }
    return found;
  }

 private:
  struct Standing {
    SteadyPoint ends = SteadyPoint::min();
    std::string text;
  };
  [[nodiscard]] std::optional<Notice> find(const std::string& name, SteadyPoint now) const {
    const auto found = standing_.find(name);
    if (found == standing_.end() || found->second.ends <= now) return std::nullopt;
    return Notice{name, found->second.ends - now, found->second.text};
  }

  std::unordered_map<std::string, Standing> standing_;    // by name
  std::unordered_map<std::string, SteadyPoint> full_at_;  // of budgets; as few as there are credentials
};

}  // namespace ghstats::store
