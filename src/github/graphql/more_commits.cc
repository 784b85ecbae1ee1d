#include "github/graphql/more_commits.h"

#include <utility>

#include "github/graphql/asking.h"

namespace ghstats::github {

async::Task<Result<CommitHistory>> more_commits(GraphqlApi& api, CommitHistory history, CommitRange range) {
  GraphqlCall call{.query = &queries::kMoreCommits,
                   .what = "more commits of " + history.repository.full_name,
                   .largest = {.nodes = 1, .page = 100},
                   .variables =
                       [&](PageShape asked) {
                         boost::json::object variables = range_variables(range);
                         variables["head"] = history.head_node;
                         variables["cursor"] = history.next.value_or("");
                         variables["first"] = asked.page;
                         return variables;
                       },
                   .variant = variant_of(range)};
  auto page = co_await ask_node<CommitPage>(api, std::move(call), "history",
                                            [](JsonObject connection) { return read_commit_page(connection); });
  if (!page) co_return fail(std::move(page).error());
  history.commits = std::move(page->commits);
  history.next = std::move(page->next);
  co_return history;
}

}  // namespace ghstats::github
