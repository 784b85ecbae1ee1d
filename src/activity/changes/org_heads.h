// The heads of an organisation's repositories, as a reconcile and a fast cycle need them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "activity/changes/heads_diff.h"
#include "activity/inventory.h"
#include "async/task.h"
#include "base/clock.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::activity {

struct RefusedHead {
  RepoId repository{};
  Error error;
  std::string name = {};  // as far as REST told it; empty: as it was known
};

struct SeenHeads {
  std::vector<github::RepositoryHead> heads;  // of all owners; one seen twice counts as seen last
  std::vector<RepoId> gone;                   // asked for by id, and not to be found
  std::vector<RefusedHead> refused;           // known, or asked for by id, and not told
  std::optional<Error> hidden;                // why a page left some out, of which it does not say which
  std::uint64_t total = 0;                    // the organisation's repositories, as GitHub counted them first
  TimePoint began;                            // GitHub's clock at the first answer
};

// Page by page, so that ones nobody knows are found. Errors: those of github::heads_sweep, when any page fails, and a
// head's where all of them are refused.
async::Task<Result<SeenHeads>> list_heads(github::GraphqlApi& api);

// Those that were pushed at `since` or later. Errors: the same.
async::Task<Result<SeenHeads>> list_pushed_heads(github::GraphqlApi& api, TimePoint since);

// Known ones by id, up to `concurrency` (>= 1) queries at a time. What was pushed meanwhile, and so may be new, is not
// among them: list_pushed_heads(). Error: kCancelled.
async::Task<Result<SeenHeads>> ask_known_heads(github::GraphqlApi& api, const KnownHeads& known,
                                               std::size_t concurrency);

// Asks for those that `seen` lacks (unseen() in heads_diff.h), because they are gone or because a page that shifted hid
// them, and adds what came of it. REST tells what GraphQL knows them by where nobody here does. Error: kCancelled.
async::Task<Status> ask_unseen_heads(github::GraphqlApi& api, Inventory& inventory, const KnownHeads& known,
                                     std::vector<RepoId> unseen, SeenHeads& seen);

}  // namespace ghstats::activity
