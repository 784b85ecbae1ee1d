#include "github/graphql/more_reviews.h"

#include <utility>

#include "github/graphql/asking.h"

namespace ghstats::github {

async::Task<Result<Newest<ReviewActivity>>> more_reviews(GraphqlApi& api, NodeId id, std::string cursor,
                                                         bool review_comments) {
  GraphqlCall call{.query = &queries::kMoreReviews,
                   .what = "older reviews of one pull request of " + api.org(),
                   .largest = {.nodes = 1, .page = 100},
                   .variables = [&](PageShape asked) {
                     return boost::json::object{
                         {"id", id}, {"last", asked.page}, {"cursor", cursor}, {"reviewComments", review_comments}};
                   }};
  co_return co_await ask_node<Newest<ReviewActivity>>(api, std::move(call), "reviews", read_reviews);
}

}  // namespace ghstats::github
