#include "github/graphql/pulls_of_repos.h"

#include <utility>

#include "github/graphql/asking.h"

namespace ghstats::github {

namespace {

BatchPlan<RepositoryList<PullActivity>> plan_of(const GraphqlApi& api, std::vector<NodeId> ids, bool review_comments,
                                                std::optional<PageShape> largest) {
  return {.query = &queries::kPullsOfRepos,
          .what = "pull requests of repositories of " + api.org(),
          .largest = largest.value_or(PageShape{.nodes = review_comments ? 10 : 50, .page = 10}),
          .ids = std::move(ids),
          .variables = {{"reviewComments", review_comments}},
          .paged = true,
          .read = [](JsonObject& json) { return read_repository_list(json, "pullRequests", read_pull_activity); }};
}

}  // namespace

async::Task<Result<Batch<RepositoryList<PullActivity>>>> pulls_of_repos(GraphqlApi& api, std::vector<NodeId> ids,
                                                                        bool review_comments,
                                                                        std::optional<PageShape> largest) {
  co_return co_await ask_in_batches(api, plan_of(api, std::move(ids), review_comments, largest));
}

async::Task<Result<Batch<RepositoryList<PullActivity>>>> more_pulls_of_repo(GraphqlApi& api, NodeId id,
                                                                            std::string cursor, bool review_comments,
                                                                            std::optional<PageShape> largest) {
  auto plan = plan_of(api, {std::move(id)}, review_comments, largest);
  plan.variables["cursor"] = std::move(cursor);
  co_return co_await ask_in_batches(api, std::move(plan));
}

}  // namespace ghstats::github
