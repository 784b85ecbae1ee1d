#include "github/graphql/more_review_comments.h"

#include <utility>

#include "github/graphql/asking.h"

namespace ghstats::github {

async::Task<Result<Newest<Comment>>> more_review_comments(GraphqlApi& api, NodeId id, std::string cursor) {
  GraphqlCall call{.query = &queries::kMoreReviewComments,
                   .what = "older comments of one review on the diff of " + api.org(),
                   .largest = {.nodes = 1, .page = 100},
                   .variables = [&](PageShape asked) {
                     return boost::json::object{{"id", id}, {"last", asked.page}, {"cursor", cursor}};
                   }};
  co_return co_await ask_node<Newest<Comment>>(api, std::move(call), "comments", read_review_comments);
}

}  // namespace ghstats::github
