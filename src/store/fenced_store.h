// The store as one leadership writes to it.
#pragma once

#include <functional>
#include <memory>

#include "store/store.h"

namespace ghstats::store {

// The first write that is refused because another leader took over is told to `on_superseded`, with an error that names
// both epochs: the one place where a leadership learns that it is over, whatever it was about to write. That write and
// all later ones answer kCancelled, for everybody who writes here ends with the leadership and need not know why. Reads
// go on. `inner` must outlive it.
std::unique_ptr<MetricStore> make_fenced_store(MetricStore& inner, std::function<void(const Error&)> on_superseded);

}  // namespace ghstats::store
