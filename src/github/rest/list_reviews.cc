#include "github/rest/list_reviews.h"

#include <fmt/format.h>

#include "github/rest/model_json.h"
#include "github/rest/paging.h"

namespace ghstats::github {
namespace {

Review read_review(JsonObject& json) {
  Review out;
  out.id = json.number("id");
  out.user = read_account(json, "user");
  out.state = json.string("state");
  out.submitted_at = json.nullable_time("submitted_at");
  return out;
}

}  // namespace

async::Task<Result<Listing<Review>>> list_reviews(Api& api, std::string full_name, std::uint64_t number) {
  const std::string what = fmt::format("list reviews of {}#{}", full_name, number);
  const auto path = repository_path(full_name);
  if (!path) co_return fail(path.error().with_context(what));
  Call call{"list_reviews", what, fmt::format("{}/pulls/{}/reviews?per_page=100", *path, number), {}};
  ListingPlan<Review, std::uint64_t> plan{
      std::move(call), read_review, [](const Review& review) { return review.id; }, {}};
  co_return co_await list_all(api, std::move(plan));
}

}  // namespace ghstats::github
