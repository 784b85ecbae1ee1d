// Query CommitsSince: what was committed to the default branches of known repositories.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::github {

struct CommitRange {
  TimePoint since;
  std::optional<TimePoint> until = {};
  bool lines = false;  // with lines added and removed, which cost GitHub a diff each
};

// The newest 100 commits each with since <= committer date <= until (whole seconds, rounded down), 50 repositories a
// query, with lines 10; the rest of a history with more_commits(). Error: kCancelled; everything else is refused,
// repository by repository.
async::Task<Result<Batch<CommitHistory>>> commits_since(GraphqlApi& api, std::vector<NodeId> ids, CommitRange range);

// GraphqlCall::variant: what is asked for with lines says nothing about what can be answered without.
std::string_view variant_of(const CommitRange& range);

// $since, $until and $lines.
boost::json::object range_variables(const CommitRange& range);

}  // namespace ghstats::github
