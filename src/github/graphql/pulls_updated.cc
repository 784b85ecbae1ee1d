#include "github/graphql/pulls_updated.h"

#include <utility>

#include "github/graphql/asking.h"

namespace ghstats::github {

async::Task<Result<Page<PullActivity>>> pulls_updated(GraphqlApi& api, std::string search,
                                                      std::optional<std::string> cursor, bool review_comments) {
  PagePlan<PullActivity> plan{.call = {.query = &queries::kPullsUpdated,
                                       .what = "search pull requests of " + api.org(),
                                       .largest = {.nodes = 1, .page = 50},
                                       .variables =
                                           [&](PageShape asked) {
                                             return boost::json::object{{"search", search},
                                                                        {"first", asked.page},
                                                                        {"cursor", cursor_variable(cursor)},
                                                                        {"reviewComments", review_comments}};
                                           },
                                       .nodes_at = {"search", "nodes"}},
                              .read = read_pull_activity,
                              .total = "issueCount"};
  co_return co_await ask_page(api, std::move(plan));
}

}  // namespace ghstats::github
