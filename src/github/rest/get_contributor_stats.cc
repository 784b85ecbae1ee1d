#include "github/rest/get_contributor_stats.h"

#include <fmt/format.h>

#include <algorithm>

#include "github/rest/model_json.h"
#include "github/rest/paging.h"

namespace ghstats::github {
namespace {

// Each has a week for every week since the first commit: about a millisecond's work.
constexpr int kContributorsBetweenYields = 8;

// Beyond these a number is no number of lines and no week, and sums must not overflow.
constexpr std::uint64_t kMostLines = 1'000'000'000'000;
constexpr std::uint64_t kLastWeek = 7'258'118'400;  // 2200

std::int64_t read_lines(JsonObject& json, std::string_view field) {
  return static_cast<std::int64_t>(std::min(json.number(field), kMostLines));
}

Contributor read_contributor(JsonObject& json) {
  Contributor out;
  out.author = read_account(json, "author", EmptyAccount::kMeansAbsent);
  json.each("weeks", [&](JsonObject& week) {
    ContributorWeek read;
    read.begin = from_unix_seconds(static_cast<std::int64_t>(std::min(week.number("w"), kLastWeek)));
    read.additions = read_lines(week, "a");
    read.deletions = read_lines(week, "d");
    read.commits = read_lines(week, "c");
    if (read.commits > 0) out.weeks.push_back(read);
  });
  return out;
}

async::Task<Result<std::vector<Contributor>>> read_contributors(std::string body) {
  std::vector<Contributor> out;
  JsonBody json(body);
  int since_yield = 0;
  while (auto object = json.next()) {
    out.push_back(read_contributor(*object));
    if (++since_yield == kContributorsBetweenYields) {
      since_yield = 0;
      co_await async::yield();
    }
  }
  if (const auto status = json.status(); !status) co_return fail(status.error());
  co_return out;
}

}  // namespace

async::Task<Result<ContributorStatistics>> get_contributor_stats(Api& api, std::string full_name) {
  const std::string what = "get contributor statistics of " + full_name;
  const auto path = repository_path(full_name);
  if (!path) co_return fail(path.error().with_context(what));
  Call call{"get_contributor_stats", what, *path + "/stats/contributors", {409}};
  auto response = co_await api.get(call);
  if (!response) co_return fail(response.error());
  ContributorStatistics out{
      .state = StatisticsState::kReady, .contributors = {}, .served_at = api.served_at(*response)};
  switch (response->status) {
    case 200:
      break;
    case 202:
      out.state = StatisticsState::kComputing;
      co_return out;
    case 204:
    case 409:
      out.state = StatisticsState::kEmpty;
      co_return out;
    default:
      co_return fail(Error{ErrorCode::kInvalidData, fmt::format("HTTP {}", response->status)}.with_context(what));
  }
  auto contributors = co_await read_contributors(std::move(response->body));
  if (!contributors) {
    api.forget(call);
    co_return fail(contributors.error().with_context(what));
  }
  out.contributors = *std::move(contributors);
  co_return out;
}

}  // namespace ghstats::github
