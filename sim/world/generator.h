// Makes up organisations with activity that is skewed like real life.
#pragma once

#include "base/error.h"
#include "sim/world/generator_options.h"
#include "sim/world/world.h"

namespace ghstats::sim {

// The same options give the same world. Exactly `events` events happen with from < t <= from + hours, all of them
// visible by its end (fewer only when no repository can have any). kInvalidArgument when users or repositories are
// missing, kConflict when the world has such accounts already.
Status generate(World& world, const GeneratorOptions& options);

}  // namespace ghstats::sim
