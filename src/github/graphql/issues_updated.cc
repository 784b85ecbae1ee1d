#include "github/graphql/issues_updated.h"

#include <utility>

#include "github/graphql/asking.h"

namespace ghstats::github {

async::Task<Result<Page<IssueActivity>>> issues_updated(GraphqlApi& api, std::string search,
                                                        std::optional<std::string> cursor, bool closed_by) {
  PagePlan<IssueActivity> plan{.call = {.query = &queries::kIssuesUpdated,
                                        .what = "search issues of " + api.org(),
                                        .largest = {.nodes = 1, .page = 50},
                                        .variables =
                                            [&](PageShape asked) {
                                              return boost::json::object{{"search", search},
                                                                         {"first", asked.page},
                                                                         {"cursor", cursor_variable(cursor)},
                                                                         {"closedBy", closed_by}};
                                            },
                                        .nodes_at = {"search", "nodes"}},
                               .read = read_issue_activity,
                               .total = "issueCount"};
  co_return co_await ask_page(api, std::move(plan));
}

}  // namespace ghstats::github
