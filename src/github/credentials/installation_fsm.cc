#include "github/credentials/installation_fsm.h"

#include <algorithm>
#include <utility>

namespace ghstats::github {

InstallationFsm::Step InstallationFsm::next(TimePoint now) const {
  if (token_ && now < refresh_at_) return Step::kUse;
  return now < refuse_until_ ? Step::kRefuse : Step::kMint;
}

void InstallationFsm::minted(Token token, TimePoint served_at, TimePoint now) {
  TimePoint::duration lifetime = token.expires_at.value_or(served_at) - served_at;
  clock_ahead_.reset();
  if (lifetime < kHoldOff) {
    clock_ahead_ = std::chrono::round<std::chrono::seconds>(kLifetime - lifetime);
    lifetime = 2 * kHoldOff;
  }
  expires_at_ = now + lifetime;
  refresh_at_ = now + std::max<TimePoint::duration>(lifetime - kRefreshBefore, lifetime / 2);
  token_ = std::move(token);
}

void InstallationFsm::mint_failed(TimePoint now) {
  if (token_ && now < expires_at_) refresh_at_ = std::min<TimePoint>(now + kHoldOff, expires_at_);
}

void InstallationFsm::rejected(const Token& token, TimePoint now) {
  if (!token_ || token_->value != token.value) return;
  rejected_fresh_ = now - token_->created_at < kFresh ? rejected_fresh_ + 1 : 0;
  token_.reset();
  if (rejected_fresh_ < 2) return;
  refuse_until_ = now + kHoldOff;
  rejected_fresh_ = 1;  // after the pause one more is tried, not two
}

}  // namespace ghstats::github
