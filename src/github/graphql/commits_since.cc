#include "github/graphql/commits_since.h"

#include <utility>

#include "base/time_format.h"
#include "github/graphql/asking.h"

namespace ghstats::github {

namespace {

CommitHistory read_history(JsonObject& json) {
  CommitHistory out;
  out.repository = read_repository_ref(json);
  auto branch = json.nullable_object("defaultBranchRef");
  auto target = branch ? branch->nullable_object("target") : std::nullopt;
  if (!target) return out;
  out.head = target->string("oid");
  out.head_node = target->string("id");
  JsonObject history = target->object("history");
  CommitPage page = read_commit_page(history);
  out.commits = std::move(page.commits);
  out.next = std::move(page.next);
  return out;
}

}  // namespace

async::Task<Result<Batch<CommitHistory>>> commits_since(GraphqlApi& api, std::vector<NodeId> ids, CommitRange range) {
  BatchPlan<CommitHistory> plan{.query = &queries::kCommitsSince,
                                .what = "commits of " + api.org(),
                                .largest = {.nodes = range.lines ? 10 : 50, .page = 100},
                                .ids = std::move(ids),
                                .variables = range_variables(range),
                                .paged = true,
                                .read = read_history,
                                .variant = variant_of(range)};
  co_return co_await ask_in_batches(api, std::move(plan));
}

std::string_view variant_of(const CommitRange& range) {
  return range.lines ? "lines" : "";
}

boost::json::object range_variables(const CommitRange& range) {
  return {{"since", format_rfc3339(range.since)},
          {"until", range.until ? boost::json::value(format_rfc3339(*range.until)) : boost::json::value(nullptr)},
          {"lines", range.lines}};
}

}  // namespace ghstats::github
