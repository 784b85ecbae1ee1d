// GET /repos/{owner}/{repo}/issues.
#pragma once

#include <string>

#include "async/task.h"
#include "github/api.h"
#include "github/rest/listing.h"
#include "github/rest/model.h"

namespace ghstats::github {

// The repository's issues, open and closed, with updated_at >= updated_since (whole seconds, rounded down), last
// updated first; the pull requests that GitHub lists among them are left out. No page behind the first older one is
// asked for. The URL is always the same. A repository without issues has none. full_name is "owner/name". Errors: those
// of Api::get; kInvalidData names the field.
async::Task<Result<Listing<Issue>>> list_issues(Api& api, std::string full_name, TimePoint updated_since);

}  // namespace ghstats::github
