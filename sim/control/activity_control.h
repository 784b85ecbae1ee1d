// Things that tests make happen in a world.
#pragma once

#include <boost/json/value.hpp>

#include "base/error.h"
#include "sim/access/credentials.h"
#include "sim/world/world.h"

namespace ghstats::sim {

// Performs one activity (sim/README.md lists them) and returns what came of it, e.g. {"number": 7}. Times not given are
// `now`. kInvalidData, kNotFound or kConflict otherwise; then nothing happened.
Result<boost::json::value> perform_activity(World& world, Credentials& credentials,
                                            const boost::json::value& description, TimePoint now);

}  // namespace ghstats::sim
