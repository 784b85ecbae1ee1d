// Reading what several queries hold. For the .cc files of this component.
#pragma once

#include <functional>
#include <string_view>

#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"
#include "github/rest/json_reader.h"

namespace ghstats::github {

// Hands "data" to `read`. kInvalidData with `what` in front: it has another shape than the query.
Status read_data(Reply& reply, const std::string& what, const std::function<void(JsonObject&)>& read);

// Absent when null: a deleted account.
std::optional<Account> read_actor(JsonObject& parent, std::string_view field);

RepositoryRef read_repository_ref(JsonObject& json);
RepositoryHead read_repository_head(JsonObject& json);
PullActivity read_pull_activity(JsonObject& json);
IssueActivity read_issue_activity(JsonObject& json);

// The items of a "CommitPage", and its cursor.
struct CommitPage {
  std::vector<HistoryCommit> commits;
  std::optional<std::string> next;
};
CommitPage read_commit_page(JsonObject& connection);

// "pageInfo" of a list that is read forwards.
std::optional<std::string> read_next(JsonObject& connection);

// Lists that are read backwards, from their newest.
Newest<ReviewActivity> read_reviews(JsonObject connection);
Newest<Comment> read_comments(JsonObject connection);
Newest<Comment> read_review_comments(JsonObject connection);

}  // namespace ghstats::github
