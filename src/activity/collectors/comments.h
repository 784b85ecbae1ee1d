#pragma once

#include "activity/collectors/collection.h"
#include "github/rest/listing.h"
#include "github/rest/model.h"

namespace ghstats::activity {

// Of `kind`, if it was written in time and by somebody who counts.
void add_comment(const github::Comment& comment, ledger::EventKind kind, const EventRules& rules,
                 std::vector<ledger::Event>& events);

// Comments of one kind written since `since`. GitHub selects by update time, so older ones that were edited come too
// and are left out.
Collection comment_events(const github::Listing<github::Comment>& listing, ledger::EventKind kind, RepoTarget repo,
                          EventPolicy policy, TimePoint since);

}  // namespace ghstats::activity
