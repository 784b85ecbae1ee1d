#include "github/graphql/model_json.h"

#include <utility>

namespace ghstats::github {
namespace {

constexpr std::string_view kBotSuffix = "[bot]";

// A null among the items is hidden, and belongs to nobody.
void each_item(JsonObject& connection, const std::function<void(JsonObject&)>& read) {
  connection.each_or_null("nodes", [&](std::size_t, JsonObject* item) {
    if (item != nullptr) read(*item);
  });
}

template <class T>
Newest<T> read_newest(JsonObject& connection, const std::function<void(JsonObject&, Newest<T>&)>& read) {
  Newest<T> out;
  {
    JsonObject info = connection.object("pageInfo");
    const bool more = info.flag("hasPreviousPage");
    if (more) out.older = info.string("startCursor");
  }
  each_item(connection, [&](JsonObject& item) { read(item, out); });
  return out;
}

Comment read_comment_node(JsonObject& json) {
  Comment out;
  out.id = json.number_in_string("fullDatabaseId");
  out.created_at = json.time("createdAt");
  out.updated_at = json.time("updatedAt");
  out.user = read_actor(json, "author");
  return out;
}

// What the newest of a list was updated; absent when the list is empty.
std::optional<TimePoint> read_newest_update(JsonObject& parent, std::string_view field) {
  std::optional<TimePoint> out;
  JsonObject connection = parent.object(field);
  each_item(connection, [&](JsonObject& item) { out = item.time("updatedAt"); });
  return out;
}

HistoryCommit read_commit(JsonObject& json) {
  HistoryCommit out;
  out.commit.sha = json.string("oid");
  out.commit.committed_at = json.time("committedDate");
  const auto additions = json.nullable_number("additions");
  const auto deletions = json.nullable_number("deletions");
  if (additions && deletions) {
    out.lines = CommitStats{static_cast<std::int64_t>(*additions), static_cast<std::int64_t>(*deletions)};
  }
  out.commit.merge = json.object("parents").number("totalCount") > 1;
  if (auto author = json.nullable_object("author")) {
    out.commit.author_name = author->nullable_string("name");
    out.commit.author_email = author->nullable_string("email");
    // A bot's account, too, is a User here, and has the login that REST calls it by.
    if (auto user = author->nullable_object("user")) {
      std::string login = user->string("login");
      const bool bot = login.ends_with(kBotSuffix);
      out.commit.author = Account{std::move(login), bot};
    }
  }
  return out;
}

}  // namespace

Status read_data(Reply& reply, const std::string& what, const std::function<void(JsonObject&)>& read) {
  JsonBody body(reply.body);
  if (auto answer = body.object()) {
    JsonObject data = answer->object("data");
    read(data);
  }
  const Status status = body.status();
  if (!status) return fail(status.error().with_context(what));
  return {};
}

std::optional<Account> read_actor(JsonObject& parent, std::string_view field) {
  auto object = parent.nullable_object(field);
  if (!object) return std::nullopt;
  Account account;
  account.bot = object->string("__typename") == "Bot";
  account.login = object->string("login");
  // REST calls a bot "renovate[bot]", GraphQL "renovate".
  if (account.bot && !account.login.ends_with(kBotSuffix)) account.login += kBotSuffix;
  return account;
}

RepositoryRef read_repository_ref(JsonObject& json) {
  RepositoryRef out;
  out.node = json.string("id");
  out.id = RepoId{json.number("databaseId")};
  out.full_name = json.string("nameWithOwner");
  return out;
}

RepositoryHead read_repository_head(JsonObject& json) {
  RepositoryHead out;
  Repository& repository = out.repository;
  out.node = json.string("id");
  repository.node_id = out.node;
  repository.id = RepoId{json.number("databaseId")};
  repository.name = json.string("name");
  repository.full_name = json.string("nameWithOwner");
  repository.archived = json.flag("isArchived");
  repository.disabled = json.flag("isDisabled");
  out.empty = json.flag("isEmpty");
  repository.fork = json.flag("isFork");
  repository.pushed_at = json.nullable_time("pushedAt");
  if (auto branch = json.nullable_object("defaultBranchRef")) {
    repository.default_branch = branch->string("name");
    if (auto target = branch->nullable_object("target")) out.head = target->string("oid");
  }
  out.pull_updated_at = read_newest_update(json, "pullRequests");
  out.issue_updated_at = read_newest_update(json, "issues");
  return out;
}

PullActivity read_pull_activity(JsonObject& json) {
  PullActivity out;
  out.node = json.string("id");
  out.pull.number = json.number("number");
  out.pull.created_at = json.time("createdAt");
  out.pull.updated_at = json.time("updatedAt");
  out.pull.merged_at = json.nullable_time("mergedAt");
  out.pull.user = read_actor(json, "author");
  {
    JsonObject repository = json.object("repository");
    out.repository = read_repository_ref(repository);
  }
  out.reviews = read_reviews(json.object("reviews"));
  out.comments = read_comments(json.object("comments"));
  return out;
}

IssueActivity read_issue_activity(JsonObject& json) {
  IssueActivity out;
  out.node = json.string("id");
  out.number = json.number("number");
  out.created_at = json.time("createdAt");
  out.updated_at = json.time("updatedAt");
  out.closed_at = json.nullable_time("closedAt");
  out.user = read_actor(json, "author");
  {
    JsonObject repository = json.object("repository");
    out.repository = read_repository_ref(repository);
  }
  out.comments = read_comments(json.object("comments"));
  auto closings = json.nullable_object("timelineItems");
  // The event stays when the issue is opened again.
  if (closings) {
    each_item(*closings, [&](JsonObject& event) {
      auto actor = read_actor(event, "actor");
      out.reopened = !out.closed_at;
      if (out.closed_at) out.closed_by = std::move(actor);
    });
  }
  return out;
}

CommitPage read_commit_page(JsonObject& connection) {
  CommitPage out;
  out.next = read_next(connection);
  each_item(connection, [&](JsonObject& commit) { out.commits.push_back(read_commit(commit)); });
  return out;
}

std::optional<std::string> read_next(JsonObject& connection) {
  JsonObject info = connection.object("pageInfo");
  const bool more = info.flag("hasNextPage");
  if (!more) return std::nullopt;
  return info.string("endCursor");
}

Newest<ReviewActivity> read_reviews(JsonObject connection) {
  return read_newest<ReviewActivity>(connection, [](JsonObject& json, Newest<ReviewActivity>& into) {
    ReviewActivity out;
    out.node = json.string("id");
    out.review.id = json.number_in_string("fullDatabaseId");
    out.review.state = json.string("state");
    out.review.submitted_at = json.nullable_time("submittedAt");
    out.review.user = read_actor(json, "author");
    if (auto comments = json.nullable_object("comments")) out.comments = read_review_comments(*comments);
    into.items.push_back(std::move(out));
  });
}

Newest<Comment> read_comments(JsonObject connection) {
  return read_newest<Comment>(
      connection, [](JsonObject& json, Newest<Comment>& into) { into.items.push_back(read_comment_node(json)); });
}

// REST does not list what its author has not published yet.
Newest<Comment> read_review_comments(JsonObject connection) {
  return read_newest<Comment>(connection, [](JsonObject& json, Newest<Comment>& into) {
    Comment comment = read_comment_node(json);
    const std::string state = json.string("state");
    if (state != "PENDING") into.items.push_back(std::move(comment));
  });
}

}  // namespace ghstats::github
