#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <tuple>

#include "sim/render/render.h"
#include "sim/rest/paging.h"
#include "sim/rest/rest.h"

namespace ghstats::sim {
namespace {

struct Listed {
  const PullRequest* pull = nullptr;
  TimePoint updated;
  TimePoint sort_key;
};

const PullRequest* named_pull(const Call& call) {
  const auto& text = call.parameters.back();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return nullptr;
  const auto* const pull = World::find_pull(*call.repository, number);
  return pull != nullptr && pull->created_at <= call.now ? pull : nullptr;
}

}  // namespace

Reply list_pulls(const Call& call) {
  const auto& repository = *call.repository;
  const auto state = call.query.get_or("state", "open");
  if (state != "open" && state != "closed" && state != "all") return invalid_field("PullRequest", "state");
  const auto sort = call.query.get_or("sort", "created");
  if (sort != "created" && sort != "updated" && sort != "popularity" && sort != "long-running") {
    return invalid_field("PullRequest", "sort");
  }
  const bool ascending = call.query.get_or("direction", sort == "created" ? "desc" : "asc") == "asc";
  const auto base = call.query.get_or("base", repository.default_branch);
  const auto updates = pulls_updated_at(repository, call.now);
  std::vector<Listed> listed;
  for (const auto& pull : repository.pulls) {
    if (pull.created_at > call.now || base != repository.default_branch) continue;
    if (state != "all" && (state == "open") != is_open(pull, call.now)) continue;
    const auto updated = updates.at(pull.number);
    listed.push_back({&pull, updated, sort == "updated" ? updated : pull.created_at});
  }
  std::sort(listed.begin(), listed.end(), [&](const Listed& a, const Listed& b) {
    const auto key = [](const Listed& item) { return std::tuple(item.sort_key, item.pull->number); };
    return ascending ? key(a) < key(b) : key(b) < key(a);
  });
  const View view{call.now, call.api_base};
  return list_reply(call, listed, repository_path(repository, "/pulls"),
                    [&](const Listed& item) { return render_pull(view, repository, *item.pull, item.updated); });
}

Reply get_pull(const Call& call) {
  const auto* const pull = named_pull(call);
  if (pull == nullptr) return not_found();
  const auto updated = pulls_updated_at(*call.repository, call.now).at(pull->number);
  auto value = render_pull({call.now, call.api_base}, *call.repository, *pull, updated);
  auto& object = value.as_object();
  object["merged"] = is_merged(*pull, call.now);
  object["mergeable"] = object["rebaseable"] = nullptr;
  object["merged_by"] =
      is_merged(*pull, call.now) ? render_account({call.now, call.api_base}, pull->closed_by) : nullptr;
  object["mergeable_state"] = "unknown";
  object["commits"] =
      1 + std::count_if(pull->head_pushes.begin(), pull->head_pushes.end(), [&](TimePoint t) { return t <= call.now; });
  object["maintainer_can_modify"] = false;
  object["additions"] = object["deletions"] = object["changed_files"] = 0;
  object["review_comments"] =
      std::count_if(call.repository->review_comments.begin(), call.repository->review_comments.end(),
                    [&](const ReviewComment& c) { return c.pull_number == pull->number && c.created_at <= call.now; });
  object["comments"] =
      std::count_if(call.repository->comments.begin(), call.repository->comments.end(),
                    [&](const IssueComment& c) { return c.issue_number == pull->number && c.created_at <= call.now; });
  return json_reply(200, value);
}

Reply list_reviews(const Call& call) {
  const auto* const pull = named_pull(call);
  if (pull == nullptr) return not_found();
  std::vector<const Review*> listed;
  for (const auto& review : call.repository->reviews) {
    if (review.pull_number != pull->number || review.created_at > call.now) continue;
    const bool pending = state_of(review, call.now) == "PENDING";
    const bool own = review.author != nullptr && call.identity.kind == Identity::Kind::kPersonal &&
                     lower_case(call.identity.login) == lower_case(review.author->login);
    if (!pending || own) listed.push_back(&review);
  }
  std::sort(listed.begin(), listed.end(), [](const Review* a, const Review* b) {
    return std::tuple(a->submitted_at.value_or(TimePoint::max()), a->id) <
           std::tuple(b->submitted_at.value_or(TimePoint::max()), b->id);
  });
  const View view{call.now, call.api_base};
  return list_reply(call, listed, repository_path(*call.repository, fmt::format("/pulls/{}/reviews", pull->number)),
                    [&](const Review* review) { return render_review(view, *call.repository, *review); });
}

}  // namespace ghstats::sim
