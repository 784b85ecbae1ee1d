// GET /repos/{owner}/{repo}/pulls/{number}/reviews (github-api.md 3.7).
#pragma once

#include <cstdint>
#include <string>

#include "async/task.h"
#include "github/api.h"
#include "github/rest/listing.h"
#include "github/rest/model.h"

namespace ghstats::github {

// Every review, in chronological order, PENDING ones of the token's own account included. full_name is "owner/name".
// Errors: those of Api::get; kInvalidData names the field.
async::Task<Result<Listing<Review>>> list_reviews(Api& api, std::string full_name, std::uint64_t number);

}  // namespace ghstats::github
