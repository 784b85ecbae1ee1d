// The view that is served, as those see it who keep it true: store and page meet here.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "store/store.h"

namespace ghstats::exposition {

// What a snapshot lacks of what was told before is over, or may have been lost.
enum class SnapshotOf : std::uint8_t { kSameData, kOtherData };

// Every method may be called from any thread and returns at once.
class ServedView {
 public:
  virtual ~ServedView() = default;

  // The view takes in this snapshot (View::load), or these changes. Both say that it is as fresh as `as_of`.
  virtual void load(store::ChangeSet snapshot, SteadyPoint as_of, SnapshotOf what) = 0;
  virtual void apply(store::ChangeSet changes, SteadyPoint as_of) = 0;

  // True when the view did not fit into memory and is gone: until the next load(), which must follow, changes are
  // ignored and there is no page.
  [[nodiscard]] virtual bool is_lost() const = 0;

  // Calls `done`, on a thread of the view's choice, with what the view remembers after all that it was given before
  // this call; nothing when it is lost.
  virtual void recall(std::function<void(store::ChangeSet)> done) = 0;
};

}  // namespace ghstats::exposition
