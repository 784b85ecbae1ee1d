// Telling one store what another one, or a view, knows.
#pragma once

#include "store/store.h"

namespace ghstats::store {

// Commits names, events, last events, value sets and lines of code of `what`, in batches of bounded size (but a set is
// one), value sets last; counters and what has ended are left out. Telling a store what it knows changes nothing.
// Errors: those of commit(); then what was told before stays told.
async::Task<Status> retell(MetricStore& store, ChangeSet what, Authority authority);

}  // namespace ghstats::store
