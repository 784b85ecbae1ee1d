#pragma once

#include "activity/collectors/collection.h"
#include "github/rest/listing.h"
#include "github/rest/model.h"

namespace ghstats::activity {

// Comments of one kind written since `since`. GitHub selects by update time, so older ones that were edited come too
// and are left out.
Collection comment_events(const github::Listing<github::Comment>& listing, ledger::EventKind kind, RepoTarget repo,
                          EventPolicy policy, TimePoint since);

}  // namespace ghstats::activity
