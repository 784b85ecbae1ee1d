// Replies outside of GitHub's everyday life.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "http/server.h"
#include "sim/control/faults.h"
#include "sim/rest/endpoints.h"
#include "sim/rest/reply.h"

namespace ghstats::sim {

// In GitHub's words, without retry-after; 200: in those of GraphQL.
Reply secondary_limit_reply(int status);
// In GitHub's words to `who`: "installation ID 1000".
Reply primary_limit_reply(int status, std::string_view who, std::uint64_t request_number, TimePoint now);
// 301 to the repository's address by id, `rest` and the query kept; 307 for other methods than GET.
Reply moved_reply(const http::ServerRequest& request, const std::string& api_base, const Repository& repository,
                  const std::string& rest);
// "Repository access blocked"
Reply blocked_reply(const Block& block, TimePoint now);

// 403 for who may not; `by` is what the token is: an App's, a person's.
Reply permission_reply(Identity::Kind by);
// X-Accepted-GitHub-Permissions: one of these is needed.
void add_accepted_permissions(const Endpoint& endpoint, Reply& reply);

// Whether the fault changes the real response instead of replacing it.
bool needs_real_answer(const FaultAction& action);
// Applies cut_after_bytes, wrong_shape, date_off and date to the real response, which was made at `now`.
void misshape(http::ServerResponse& response, const FaultAction& action, TimePoint now);
// For faults that replace the response. One of a huge body has none yet.
Reply fault_reply(const FaultAction& action);
// A JSON array of one string, `bytes` long altogether, in little memory. At least 4.
std::vector<std::shared_ptr<const std::string>> huge_body(std::size_t bytes);

}  // namespace ghstats::sim
