// GET /repos/{owner}/{repo}/commits (github-api.md 3.4).
#pragma once

#include <optional>
#include <string>

#include "async/task.h"
#include "github/api.h"
#include "github/rest/listing.h"
#include "github/rest/model.h"

namespace ghstats::github {

// The default branch's commits with since <= committer date <= until (whole seconds, rounded down), newest first. An
// empty repository has none. full_name is "owner/name". Errors: those of Api::get; kInvalidData names the field.
async::Task<Result<Listing<Commit>>> list_commits(Api& api, std::string full_name, TimePoint since,
                                                  std::optional<TimePoint> until = std::nullopt);

}  // namespace ghstats::github
