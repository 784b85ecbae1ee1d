// What came of work that was done again.
#pragma once

#include <cstdint>

namespace ghstats::work {

enum class Outcome : std::uint8_t {
  kDone,           // what was missing is in the store
  kAlreadyHealed,  // was there before: nothing was missing any more
  kGone,           // there is nothing to be done: the repository is gone, hidden, or left out by the filter
};

}  // namespace ghstats::work
