// Who says whether this replica leads: the one seam to a lease, to Redis or to the configuration.
#pragma once

#include <string>

#include "async/watch.h"
#include "base/error.h"

namespace ghstats::leader {

// All calls on one thread. A decision is not yet a leadership: that begins when the store grants an epoch.
class Elector {
 public:
  virtual ~Elector() = default;

  [[nodiscard]] virtual bool leads() const = 0;

  // Bumped whenever leads() says something else.
  virtual async::Watch& changed() = 0;

  // Why leads() said false after it had said true, the last time that it did, for people; empty: it never did.
  [[nodiscard]] virtual std::string last_end() const { return {}; }

  // The store granted a newer leadership to somebody else; `why` names both epochs. What leads() says afterwards is
  // obeyed, also when it is the same as before: then a new leadership begins.
  virtual void superseded(const Error& why) = 0;
};

}  // namespace ghstats::leader
