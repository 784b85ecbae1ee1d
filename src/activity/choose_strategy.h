#pragma once

#include <memory>

#include "activity/changes/changes_memory.h"
#include "activity/strategy.h"
#include "kinds/collection_mode.h"
#include "log/log.h"

namespace ghstats::activity {

// The strategy of github.collection. kAuto asks GitHub first: where the credential may use GraphQL and sees as many
// repositories there as over REST it is `changes`, otherwise `sweep`; a line in the log says which and why. It is asked
// again an hour after a no, and with the next cycle when GitHub did not answer. Should `changes` turn out not to be
// allowed what it needs (heads show issues, too), or to ask what the host does not know, the same cycle is a sweep.
// Everything in `environment` must outlive it.
std::unique_ptr<Strategy> make_strategy(kinds::CollectionMode mode, ChangesEnvironment environment,
                                        ChangesSettings settings, log::Logger logger);

}  // namespace ghstats::activity
