// GET /repos/{owner}/{repo}/commits/{ref} (github-api.md 3.5).
#pragma once

#include <optional>
#include <string>

#include "async/task.h"
#include "github/api.h"
#include "github/rest/model.h"

namespace ghstats::github {

// The lines that a commit changed, whatever the number of its files; absent when GitHub does not say. full_name is
// "owner/name". Errors: those of Api::get; kNotFound, too, for a commit that is no longer there (422, 409);
// kInvalidData names the field.
async::Task<Result<std::optional<CommitStats>>> get_commit_stats(Api& api, std::string full_name, std::string sha);

}  // namespace ghstats::github
