// Asks GraphQL what heads_diff.h says is to be asked, repository by repository, and tells it on answer by answer.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "activity/changes/aspect.h"
#include "activity/changes/heads_diff.h"
#include "activity/changes/told_events.h"
#include "async/task.h"
#include "base/error.h"
#include "base/ids.h"
#include "github/graphql/graphql_api.h"
#include "ledger/event.h"

namespace ghstats::activity {

struct AskSettings {
  ToldPolicy told;
  std::size_t concurrency = 4;  // queries under way; >= 1
};

// What one answer told, complete for `finished` only.
struct AskPart {
  Aspect aspect{};
  std::vector<ledger::Event> events;
  std::vector<RepoId> finished;  // whose list of this aspect has been told to its end, this part included
};

struct AskEnd {
  std::map<RepoId, PerAspect<bool>> collected;  // of the asks: an aspect that was not asked counts as collected
  std::map<RepoId, std::string> tips;           // sha that each history was read from ("": an empty repository)
  struct Refused {
    RepoId repository{};
    Aspect aspect{};
    Error error;
  };
  std::vector<Refused> refused;
  bool cancelled = false;
  bool stopped = false;  // the sink said so
};

// Takes a part before the aspect counts as collected. False: stop asking; that part counts as not taken.
using AskSink = std::function<async::Task<bool>(AskPart)>;

// The aspects take turns, commits first; in each what changed last comes first, and everybody's first page before
// anybody's second. The sink is called for one part at a time. Events of a repository that is refused later were true
// all the same. Never fails as a whole: what could not be told is in `refused`, aspect by aspect, also the rest once
// asking on is of no use (github::BreakerFsm, 2 x concurrency in a row without an answer). Cancelled or stopped, it
// says nothing of what was left. `api` must outlive the task; each repository is in `asks` once.
async::Task<AskEnd> ask_repositories(github::GraphqlApi& api, AskSettings settings, std::vector<RepositoryAsk> asks,
                                     AskSink sink);

}  // namespace ghstats::activity
