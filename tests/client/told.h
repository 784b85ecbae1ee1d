// What somebody tells about an organisation, as lines that can be compared whoever told them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "github/api.h"
#include "github/graphql/commits_since.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::client {

// One line for each object: what it is, in which repository, and all that the program reads of it.
using Lines = std::multiset<std::string>;

// Empty when both are the same, else the first that only one of them has: "- line" only `left`, "+ line" only `right`.
std::string difference(const Lines& left, const Lines& right);

std::string line_of(const github::Repository& repository);
std::string line_of(const std::string& repository, const github::Commit& commit,
                    const std::optional<github::CommitStats>& lines);
std::string line_of(const std::string& repository, const github::PullRequest& pull);
std::string line_of(const std::string& repository, const github::Review& review);
std::string line_of(const std::string& repository, const github::Issue& issue);
// `kind`: "comment" in conversations, "review comment" on diffs.
std::string line_of(const std::string& repository, std::string_view kind, const github::Comment& comment);

// REST's endpoints, since then. Throws what is refused.
struct ByRest {
  Lines repositories;
  Lines commits;
  Lines pulls;
  Lines reviews;  // of those pulls
  Lines comments;
  Lines review_comments;
  std::map<std::string, TimePoint> pull_updated_at;  // the last one, by repository; of all times
};
async::Task<ByRest> ask_rest(github::Api& api, TimePoint since);
async::Task<Lines> ask_rest_for_issues(github::Api& api, TimePoint since);

// Those queries' answers, with all that hangs on them: read on to the end of every list.
struct ByGraphql {
  Lines pulls;
  Lines reviews;
  Lines comments;
  Lines review_comments;
  Lines issues;
};
// Pull requests and issues that search finds, or that are listed of `ids`, updated since.
async::Task<ByGraphql> ask_search(github::GraphqlApi& api, TimePoint since);
async::Task<ByGraphql> ask_repositories(github::GraphqlApi& api, std::vector<github::NodeId> ids, TimePoint since);

Lines commit_lines(const std::vector<github::CommitHistory>& histories);
// Histories with all pages of each.
async::Task<std::vector<github::CommitHistory>> ask_commits(github::GraphqlApi& api, std::vector<github::NodeId> ids,
                                                            github::CommitRange range);
// All pages.
async::Task<std::vector<github::RepositoryHead>> ask_heads(github::GraphqlApi& api);

}  // namespace ghstats::client
