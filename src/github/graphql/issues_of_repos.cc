#include "github/graphql/issues_of_repos.h"

#include <utility>

#include "github/graphql/asking.h"

namespace ghstats::github {

namespace {

BatchPlan<RepositoryList<IssueActivity>> plan_of(const GraphqlApi& api, std::vector<NodeId> ids, bool closed_by,
                                                 std::optional<PageShape> largest) {
  return {.query = &queries::kIssuesOfRepos,
          .what = "issues of repositories of " + api.org(),
          .largest = largest.value_or(PageShape{.nodes = 50, .page = 10}),
          .ids = std::move(ids),
          .variables = {{"closedBy", closed_by}},
          .paged = true,
          .read = [](JsonObject& json) { return read_repository_list(json, "issues", read_issue_activity); }};
}

}  // namespace

async::Task<Result<Batch<RepositoryList<IssueActivity>>>> issues_of_repos(GraphqlApi& api, std::vector<NodeId> ids,
                                                                          bool closed_by,
                                                                          std::optional<PageShape> largest) {
  co_return co_await ask_in_batches(api, plan_of(api, std::move(ids), closed_by, largest));
}

async::Task<Result<Batch<RepositoryList<IssueActivity>>>> more_issues_of_repo(GraphqlApi& api, NodeId id,
                                                                              std::string cursor, bool closed_by,
                                                                              std::optional<PageShape> largest) {
  auto plan = plan_of(api, {std::move(id)}, closed_by, largest);
  plan.variables["cursor"] = std::move(cursor);
  co_return co_await ask_in_batches(api, std::move(plan));
}

}  // namespace ghstats::github
