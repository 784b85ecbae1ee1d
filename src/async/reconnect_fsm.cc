#include "async/reconnect_fsm.h"

#include <limits>
#include <utility>

namespace ghstats::async {

Duration ReconnectFsm::on_lost(SteadyPoint now) {
  const auto since = std::exchange(connected_at_, std::nullopt);
  if (since && now - *since >= policy_.max_backoff) failures_ = 0;
  if (failures_ < std::numeric_limits<int>::max()) ++failures_;
  return backoff_after(policy_, failures_, random_);
}

}  // namespace ghstats::async
