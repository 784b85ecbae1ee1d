// GET /orgs/{org}/repos (github-api.md 3.1).
#pragma once

#include "async/task.h"
#include "github/api.h"
#include "github/rest/listing.h"
#include "github/rest/model.h"

namespace ghstats::github {

// Every repository the token may see. An organisation that does not exist is asked for as a user (public repositories
// only). Errors: those of Api::get; kInvalidData names the field; kNotFound also when that user has no repository, or
// is an organisation that the token may not see.
async::Task<Result<Listing<Repository>>> list_org_repositories(Api& api);

}  // namespace ghstats::github
