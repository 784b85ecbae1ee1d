// GET /repos/{owner}/{repo}/issues/{number}.
#pragma once

#include <cstdint>
#include <string>

#include "async/task.h"
#include "github/api.h"
#include "github/rest/model.h"

namespace ghstats::github {

// One issue, with who closed it. kNotFound: it was deleted or transferred; other errors: those of Api::get.
// full_name is "owner/name".
async::Task<Result<Issue>> get_issue(Api& api, std::string full_name, std::uint64_t number);

}  // namespace ghstats::github
