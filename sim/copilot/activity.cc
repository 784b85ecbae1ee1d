#include "sim/copilot/activity.h"

#include <algorithm>

namespace ghstats::sim::copilot {
namespace {

constexpr std::size_t kUsages = 256;
constexpr std::size_t kFlavours = 32;
constexpr std::int64_t kHeadBytes = 330;  // of a user's line, before what the usage tells; about

}  // namespace

Activity::Activity(ReportSetup setup) : setup_(std::move(setup)) {
  Random random(setup_.seed);
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < kUsages; ++i) {
    usages_.push_back(make_usage(random, i % kFlavours));
    texts_.push_back(write_usage(usages_.back()));
    bytes += static_cast<std::int64_t>(texts_.back().fields.size());
  }
  vanished_.resize(static_cast<std::size_t>(setup_.users));
  for (std::int64_t user = 0; !setup_.without_users.empty() && user < setup_.users; ++user) {
    vanished_[static_cast<std::size_t>(user)] = setup_.without_users.contains(login(user));
  }
  if (setup_.one_line_per_user) setup_.lines_per_user = 1;
  setup_.lines_per_user = std::min(setup_.lines_per_user, setup_.days);
  const auto present = setup_.users - std::count(vanished_.begin(), vanished_.end(), true);
  const auto lines = std::max<std::int64_t>(present * setup_.lines_per_user, 1);
  const auto wanted = setup_.total_bytes / lines - bytes / static_cast<std::int64_t>(kUsages) - kHeadBytes;
  padding_ = std::max(setup_.padding_bytes, wanted);
}

bool Activity::has_line(std::int64_t user, Day day) const {
  if (vanished_[static_cast<std::size_t>(user)] || (setup_.first_day && day < *setup_.first_day)) return false;
  // So every stretch of `days` days has that many of a user's lines.
  return (day.time_since_epoch().count() + user) % setup_.days < setup_.lines_per_user;
}

}  // namespace ghstats::sim::copilot
