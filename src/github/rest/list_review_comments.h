// GET /repos/{owner}/{repo}/pulls/comments (github-api.md 3.8).
#pragma once

#include <string>

#include "async/task.h"
#include "github/api.h"
#include "github/rest/listing.h"
#include "github/rest/model.h"

namespace ghstats::github {

// The repository's comments on the diffs of pull requests with updated_at >= updated_since (whole seconds, rounded
// down), last updated first: an old comment that was edited comes back. No page behind the first older one is asked
// for. The URL is always the same. full_name is "owner/name". Errors: those of Api::get; kInvalidData names the field.
async::Task<Result<Listing<Comment>>> list_review_comments(Api& api, std::string full_name, TimePoint updated_since);

}  // namespace ghstats::github
