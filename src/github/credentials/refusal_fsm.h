// What one call does about 401 answers, without doing it.
#pragma once

#include <chrono>

namespace ghstats::github {

// A fresh installation token may be refused until GitHub's replicas know it (github-api.md 1.3): waited for once. Then
// another token is tried once.
class RefusalFsm {
 public:
  enum class Step { kRepeatAfterWait, kFreshToken, kGiveUp };

  static constexpr std::chrono::seconds kYoung{5};
  static constexpr std::chrono::seconds kWait{1};

  Step on_refused(std::chrono::nanoseconds token_age) {
    if (token_age < kYoung && !waited_) {
      waited_ = true;
      return Step::kRepeatAfterWait;
    }
    if (fresh_token_taken_) return Step::kGiveUp;
    fresh_token_taken_ = true;
    return Step::kFreshToken;
  }

 private:
  bool waited_ = false;
  bool fresh_token_taken_ = false;
};

}  // namespace ghstats::github
