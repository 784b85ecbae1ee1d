#pragma once

#include "async/task.h"
#include "github/api.h"
#include "github/rest/model.h"

namespace ghstats::github {

// GET /repositories/{id}: the repository under its current name, whatever it was called before. kNotFound: it is gone
// or hidden; other errors: those of Api::get.
async::Task<Result<Repository>> get_repository(Api& api, RepoId id);

// GET /repos/{owner}/{name}: the same for who knows a name, which may be an old one.
async::Task<Result<Repository>> get_repository(Api& api, std::string full_name);

}  // namespace ghstats::github
