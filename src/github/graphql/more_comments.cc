#include "github/graphql/more_comments.h"

#include <utility>

#include "github/graphql/asking.h"

namespace ghstats::github {

async::Task<Result<Newest<Comment>>> more_comments(GraphqlApi& api, NodeId id, std::string cursor) {
  GraphqlCall call{.query = &queries::kMoreComments,
                   .what = "older comments of one pull request or issue of " + api.org(),
                   .largest = {.nodes = 1, .page = 100},
                   .variables = [&](PageShape asked) {
                     return boost::json::object{{"id", id}, {"last", asked.page}, {"cursor", cursor}};
                   }};
  co_return co_await ask_node<Newest<Comment>>(api, std::move(call), "comments", read_comments);
}

}  // namespace ghstats::github
