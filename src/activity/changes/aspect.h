// The aspects of a repository, and how soon one shows what happened.
#pragma once

#include <chrono>

#include "base/clock.h"
#include "kinds/aspect.h"

namespace ghstats::activity {

using kinds::Aspect;
using kinds::index_of;
using kinds::kAspects;
using kinds::PerAspect;
using kinds::shows;

// GitHub's replicas lag behind its clock by no more, and its times have whole seconds: what changed within this time
// before an answer may be missing in it.
inline constexpr std::chrono::seconds kSettled{120};

}  // namespace ghstats::activity
