// Who used Copilot how on which day.
#pragma once

#include <memory>
#include <vector>

#include "sim/copilot/setup.h"
#include "sim/copilot/usage_text.h"

namespace ghstats::sim::copilot {

// A function of the setup alone. Every user's every day is one of a few hundred usages, so that any number of lines
// costs no more than copying them.
class Activity {
 public:
  explicit Activity(ReportSetup setup);

  [[nodiscard]] const ReportSetup& setup() const { return setup_; }
  [[nodiscard]] std::int64_t users() const { return setup_.users; }  // from 0 on, those who have vanished included

  [[nodiscard]] bool has_line(std::int64_t user, Day day) const;
  // Index of what `user` did on a day with a line.
  [[nodiscard]] std::size_t usage_of(std::int64_t user, Day day) const {
    return mix(static_cast<std::uint64_t>(user), static_cast<std::uint64_t>(day.time_since_epoch().count())) %
           usages_.size();
  }
  [[nodiscard]] const std::vector<Usage>& usages() const { return usages_; }
  [[nodiscard]] const UsageText& text(std::size_t usage) const { return texts_[usage]; }

  // In bytes, of each user's line.
  [[nodiscard]] std::int64_t padding() const { return padding_; }
  // A number that looks random, the same for the same setup and day.
  [[nodiscard]] std::uint64_t number_of(Day day) const {
    return mix(~std::uint64_t{0}, static_cast<std::uint64_t>(day.time_since_epoch().count()));
  }

  static std::string login(std::int64_t user) { return "dev-" + std::to_string(user + 1); }
  static std::int64_t id(std::int64_t user) { return 70'001 + user; }

 private:
  [[nodiscard]] std::uint64_t mix(std::uint64_t a, std::uint64_t b) const {
    return Random(Random(setup_.seed + a).next() ^ b).next();
  }

  ReportSetup setup_;
  std::vector<bool> vanished_;
  std::vector<Usage> usages_;
  std::vector<UsageText> texts_;
  std::int64_t padding_ = 0;
};

}  // namespace ghstats::sim::copilot
