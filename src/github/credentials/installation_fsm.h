// When an installation token is used, replaced, or not to be had: decisions without I/O.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "github/credentials/token_source.h"

namespace ghstats::github {

// Times are this program's clock; GitHub's is used only as the difference of two of its own times.
class InstallationFsm {
 public:
  enum class Step {
    kUse,     // current()
    kMint,    // get a new token, then minted()
    kRefuse,  // two fresh tokens in a row were rejected: no more mints for a minute
  };

  static constexpr std::chrono::minutes kRefreshBefore{5};
  static constexpr std::chrono::seconds kFresh{60};  // a token rejected within this never worked
  static constexpr std::chrono::seconds kHoldOff{60};
  static constexpr std::chrono::hours kLifetime{1};  // of every installation token (github-api.md 1.3)

  [[nodiscard]] Step next(TimePoint now) const;

  // `served_at`: GitHub's clock when it issued the token. A token that lives less than ten minutes is used for half of
  // its life. One that by these times is over within a minute was dated by a clock gone wrong, and may well work: it is
  // used for kHoldOff, so that not every request mints another.
  void minted(Token token, TimePoint served_at, TimePoint now);

  // By how much `served_at` is ahead of the clock that dated the current token, which lives kLifetime. Absent when the
  // dates make sense.
  [[nodiscard]] std::optional<std::chrono::seconds> clock_ahead() const { return clock_ahead_; }

  // GitHub gave no new token. While the old one lives it goes on being used, and the next try is a minute away.
  void mint_failed(TimePoint now);

  // Ignored unless it is the current token.
  void rejected(const Token& token, TimePoint now);

  [[nodiscard]] const Token& current() const { return *token_; }  // only after kUse

 private:
  std::optional<Token> token_;
  TimePoint refresh_at_;
  TimePoint expires_at_;    // by this program's clock
  int rejected_fresh_ = 0;  // in a row
  TimePoint refuse_until_;
  std::optional<std::chrono::seconds> clock_ahead_;
};

}  // namespace ghstats::github
