#include "github/limits/breaker_fsm.h"

#include <algorithm>

#include "async/retry.h"

namespace ghstats::github {

bool is_barred(const Error& error) {
  return error.code == ErrorCode::kRateLimited || error.code == ErrorCode::kUnauthenticated;
}

void BreakerFsm::on_round(bool answered, std::span<const Error> errors) {
  const auto ends_at_once = [](const Error& e) { return is_barred(e) || e.code == ErrorCode::kCancelled; };
  const auto ending = std::ranges::find_if(errors, ends_at_once);
  if (ending != errors.end() && !reason_) reason_ = *ending;

  const bool silent = !answered && !errors.empty() && std::ranges::all_of(errors, async::is_transient);
  if (!silent) {
    if (answered || !errors.empty()) silent_ = 0;
    return;
  }
  if (++silent_ >= most_silent_ && !reason_) reason_ = errors.front();
}

}  // namespace ghstats::github
