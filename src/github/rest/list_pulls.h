// GET /repos/{owner}/{repo}/pulls (github-api.md 3.6).
#pragma once

#include <string>

#include "async/task.h"
#include "github/api.h"
#include "github/rest/listing.h"
#include "github/rest/model.h"

namespace ghstats::github {

// Open and closed pull requests with updated_at >= updated_since (whole seconds, rounded down), last updated first; no
// page behind the first older one is asked for. The URL is always the same. full_name is "owner/name". Errors: those of
// Api::get; kInvalidData names the field.
async::Task<Result<Listing<PullRequest>>> list_pulls_updated_since(Api& api, std::string full_name,
                                                                   TimePoint updated_since);

}  // namespace ghstats::github
