#include <algorithm>

#include "sim/graphql/connection.h"
#include "sim/graphql/objects.h"
#include "sim/graphql/search_query.h"

namespace ghstats::sim::graphql {
namespace {

constexpr std::size_t kMostResults = 1000;

bool among(const std::vector<std::string>& wanted, const std::string& value) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

// What an issue and a pull request have in common for search.
struct Candidate {
  std::uint64_t id = 0;
  const Account* author = nullptr;
  std::string title;
  TimePoint created_at;
  TimePoint updated_at;
  std::optional<TimePoint> closed_at;
  std::optional<TimePoint> merged_at;
};

// The index's look at the world.
class Search {
 public:
  Search(const Moment& moment, SearchQuery query)
      : moment_(moment), query_(std::move(query)), then_(moment.now() - moment.index().lag) {}

  Listing run() {
    for (const auto& repository : moment_.world().repositories()) {
      if (moment_.sees(repository) && is_wanted(repository)) look_into(repository);
    }
    std::ranges::sort(found_,
                      [&](const Item& a, const Item& b) { return query_.ascending ? a.key < b.key : b.key < a.key; });
    Listing listing{.type = "SearchResultItemConnection", .edge = "SearchResultItemEdge", .items = {}};
    listing.more = {{"issueCount", found_.size()}, {"repositoryCount", 0}, {"userCount", 0}};
    if (found_.size() > kMostResults) found_.resize(kMostResults);
    listing.items = std::move(found_);
    return listing;
  }

 private:
  [[nodiscard]] bool is_wanted(const Repository& repository) const {
    const bool scoped = !query_.owners.empty() || !query_.repositories.empty();
    const bool named = std::ranges::find(query_.owners, lower_case(repository.owner->login)) != query_.owners.end() ||
                       std::ranges::find(query_.repositories, lower_case(full_name(repository, moment_.now()))) !=
                           query_.repositories.end();
    if (scoped && !named) return false;
    return !query_.archived || *query_.archived == repository.archived.at(then_);
  }

  void look_into(const Repository& repository) {
    if (query_.pulls.value_or(true) && moment_.may("pull_requests")) {
      const auto updates = pulls_updated_at(repository, then_);
      for (const auto& pull : repository.pulls) {
        if (pull.created_at > then_) continue;
        add({pull.id, pull.author, pull.title, pull.created_at, updates.at(pull.number), known(pull.closed_at),
             known(pull.merged_at)},
            true, [&moment = moment_, &repository, &pull] { return pull_object(moment, repository, pull); });
      }
    }
    if (query_.pulls.value_or(false) || !moment_.may("issues")) return;
    const auto updates = issues_updated_at(repository, then_);
    for (const auto& issue : repository.issues) {
      if (issue.created_at > then_) continue;
      add({issue.id, issue.author, "Issue " + std::to_string(issue.number), issue.created_at, updates.at(issue.number),
           issue.closing.at(then_).at, std::nullopt},
          false, [&moment = moment_, &repository, &issue] { return issue_object(moment, repository, issue); });
    }
  }

  [[nodiscard]] std::optional<TimePoint> known(const std::optional<TimePoint>& time) const {
    return time && *time <= then_ ? time : std::nullopt;
  }

  template <class Make>
  void add(const Candidate& candidate, bool pull, Make make) {
    if (is_missing(candidate.id) || !fits(candidate, pull)) return;
    const auto time = query_.sort == "updated" ? candidate.updated_at : candidate.created_at;
    found_.push_back({{to_unix_seconds(time), {}, candidate.id}, std::move(make)});
  }

  [[nodiscard]] bool is_missing(std::uint64_t id) const {
    return moment_.index().missing > 0 && Random(id).unit() < moment_.index().missing;
  }

  [[nodiscard]] bool fits(const Candidate& candidate, bool pull) const {
    if (query_.open && *query_.open == candidate.closed_at.has_value()) return false;
    if (query_.merged && (!pull || *query_.merged != candidate.merged_at.has_value())) return false;
    if (query_.created && !query_.created->contains(candidate.created_at)) return false;
    if (query_.updated && !query_.updated->contains(candidate.updated_at)) return false;
    if (query_.closed && !(candidate.closed_at && query_.closed->contains(*candidate.closed_at))) return false;
    if (query_.merged_in && !(candidate.merged_at && query_.merged_in->contains(*candidate.merged_at))) return false;
    if (!among(query_.authors, candidate.author == nullptr ? "" : lower_case(candidate.author->login))) return false;
    return std::ranges::all_of(query_.words,
                               [&](const std::string& word) { return lower_case(candidate.title).contains(word); });
  }

  const Moment& moment_;
  SearchQuery query_;
  TimePoint then_;
  std::vector<Item> found_;
};

}  // namespace

Resolved search(const Moment& moment, const Arguments& arguments) {
  const auto type = arguments.text("type").value_or("");
  if (!type.starts_with("ISSUE")) return Failure{"UNPROCESSABLE", "Only issues and pull requests are modelled."};
  return page_by_position(Search(moment, parse_search(arguments.text("query").value_or(""))).run(), arguments);
}

}  // namespace ghstats::sim::graphql
