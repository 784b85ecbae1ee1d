#include "github/rest/get_commit.h"

#include <fmt/format.h>

#include <algorithm>

#include "github/answer.h"
#include "github/rest/json_reader.h"
#include "github/rest/paging.h"

namespace ghstats::github {
namespace {

// Beyond this it is no number of lines, and sums must not overflow.
constexpr std::uint64_t kMostLines = 1'000'000'000'000;

Result<std::optional<CommitStats>> read_stats(std::string body) {
  JsonBody json(body);
  std::optional<CommitStats> out;
  if (auto commit = json.object()) {
    if (auto stats = commit->nullable_object("stats")) {
      out.emplace();
      out->additions = static_cast<std::int64_t>(std::min(stats->number("additions"), kMostLines));
      out->deletions = static_cast<std::int64_t>(std::min(stats->number("deletions"), kMostLines));
    }
  }
  if (const auto status = json.status(); !status) return fail(status.error());
  return out;
}

}  // namespace

async::Task<Result<std::optional<CommitStats>>> get_commit_stats(Api& api, std::string full_name, std::string sha) {
  const std::string what = fmt::format("get commit {} of {}", sha, full_name);
  const auto path = repository_path(full_name);
  if (!path) co_return fail(path.error().with_context(what));
  // One file a page: the lines are those of the whole commit all the same.
  Call call{"get_commit", what, fmt::format("{}/commits/{}?per_page=1", *path, http::percent_encode(sha)), {409, 422}};
  call.conditional = false;  // commits do not change: nobody asks twice
  const auto response = co_await api.get(std::move(call));
  if (!response) co_return fail(response.error());
  if (response->status != 200) {
    const std::string message = fmt::format("HTTP {}: {}", response->status, message_of(*response));
    // A success without a commit does not say that it is gone.
    const ErrorCode code = response->status < 300 ? ErrorCode::kInvalidData : ErrorCode::kNotFound;
    co_return fail(Error{code, message}.with_context(what));
  }
  auto stats = read_stats(response->body);
  if (!stats) co_return fail(stats.error().with_context(what));
  co_return stats;
}

}  // namespace ghstats::github
