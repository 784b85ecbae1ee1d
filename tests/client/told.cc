#include "client/told.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <ranges>
#include <stdexcept>
#include <vector>

#include "base/time_format.h"
#include "github/graphql/heads_sweep.h"
#include "github/graphql/issues_of_repos.h"
#include "github/graphql/issues_updated.h"
#include "github/graphql/more_comments.h"
#include "github/graphql/more_commits.h"
#include "github/graphql/more_review_comments.h"
#include "github/graphql/more_reviews.h"
#include "github/graphql/pulls_of_repos.h"
#include "github/graphql/pulls_updated.h"
#include "github/rest/get_commit.h"
#include "github/rest/list_commits.h"
#include "github/rest/list_issue_comments.h"
#include "github/rest/list_issues.h"
#include "github/rest/list_org_repositories.h"
#include "github/rest/list_pulls.h"
#include "github/rest/list_review_comments.h"
#include "github/rest/list_reviews.h"

namespace ghstats::client {
namespace {

std::string text_of(const std::optional<github::Account>& account) {
  if (!account) return "nobody";
  return account->login + (account->bot ? " (bot)" : "");
}

std::string text_of(const std::optional<TimePoint>& time) {
  return time ? format_rfc3339(*time) : "never";
}

template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

async::Task<> ask_rest_about(github::Api& api, const github::Repository& repository, TimePoint since, ByRest& told) {
  const std::string& name = repository.full_name;
  const auto commits = value_of(co_await github::list_commits(api, name, since));
  for (const auto& commit : commits.items) {
    const auto lines = value_of(co_await github::get_commit_stats(api, name, commit.sha));
    told.commits.insert(line_of(name, commit, lines));
  }
  const auto pulls = value_of(co_await github::list_pulls_updated_since(api, name, TimePoint{}));
  for (const auto& pull : pulls.items) {
    auto& newest = told.pull_updated_at[name];
    newest = std::max(newest, pull.updated_at);
    if (pull.updated_at < since) continue;
    told.pulls.insert(line_of(name, pull));
    const auto reviews = value_of(co_await github::list_reviews(api, name, pull.number));
    for (const auto& review : reviews.items) told.reviews.insert(line_of(name, review));
  }
  const auto comments = value_of(co_await github::list_issue_comments(api, name, since));
  for (const auto& comment : comments.items) told.comments.insert(line_of(name, "comment", comment));
  const auto remarks = value_of(co_await github::list_review_comments(api, name, since));
  for (const auto& remark : remarks.items) told.review_comments.insert(line_of(name, "review comment", remark));
}

// From GraphQL's lists, which have no `since`, what REST lists.
void add_comments(const std::string& repository, const std::vector<github::Comment>& comments, std::string_view kind,
                  TimePoint since, Lines& into) {
  for (const auto& comment : comments) {
    if (comment.updated_at >= since) into.insert(line_of(repository, kind, comment));
  }
}

async::Task<> read_comments(github::GraphqlApi& api, std::string repository, github::NodeId node,
                            github::Newest<github::Comment> comments, TimePoint since, Lines& into) {
  add_comments(repository, comments.items, "comment", since, into);
  while (comments.older) {
    comments = value_of(co_await github::more_comments(api, node, *comments.older));
    add_comments(repository, comments.items, "comment", since, into);
  }
}

async::Task<> read_review(github::GraphqlApi& api, std::string repository, github::ReviewActivity review,
                          TimePoint since, ByGraphql& told) {
  told.reviews.insert(line_of(repository, review.review));
  auto comments = std::move(review.comments);
  add_comments(repository, comments.items, "review comment", since, told.review_comments);
  while (comments.older) {
    comments = value_of(co_await github::more_review_comments(api, review.node, *comments.older));
    add_comments(repository, comments.items, "review comment", since, told.review_comments);
  }
}

async::Task<> read_pull(github::GraphqlApi& api, github::PullActivity pull, TimePoint since, ByGraphql& told) {
  const std::string name = pull.repository.full_name;
  told.pulls.insert(line_of(name, pull.pull));
  auto reviews = std::move(pull.reviews);
  for (;;) {
    for (auto& review : reviews.items) co_await read_review(api, name, std::move(review), since, told);
    if (!reviews.older) break;
    reviews = value_of(co_await github::more_reviews(api, pull.node, *reviews.older, true));
  }
  co_await read_comments(api, name, pull.node, std::move(pull.comments), since, told.comments);
}

async::Task<> read_issue(github::GraphqlApi& api, github::IssueActivity issue, TimePoint since, ByGraphql& told) {
  told.issues.insert(line_of(issue.repository.full_name, {.number = issue.number,
                                                          .user = issue.user,
                                                          .created_at = issue.created_at,
                                                          .updated_at = issue.updated_at,
                                                          .closed_at = issue.closed_at,
                                                          .closed_by = issue.closed_by,
                                                          .reopened = issue.reopened}));
  co_await read_comments(api, issue.repository.full_name, issue.node, std::move(issue.comments), since, told.comments);
}

template <class T>
void refuse_none(const T& answer) {
  for (const auto& refusal : answer.refused) throw std::runtime_error(refusal.node + ": " + refusal.error.message);
}

}  // namespace

std::string difference(const Lines& left, const Lines& right) {
  std::vector<std::string> only_left;
  std::vector<std::string> only_right;
  std::ranges::set_difference(left, right, std::back_inserter(only_left));
  std::ranges::set_difference(right, left, std::back_inserter(only_right));
  constexpr std::ptrdiff_t kMostShown = 10;
  std::string text;
  for (const auto& line : only_left | std::views::take(kMostShown)) text += "- " + line + '\n';
  for (const auto& line : only_right | std::views::take(kMostShown)) text += "+ " + line + '\n';
  return text;
}

std::string line_of(const github::Repository& repository) {
  return fmt::format("{} {} {} '{}' pushed {}{}{}{}", repository.full_name, to_number(repository.id), repository.name,
                     repository.default_branch, text_of(repository.pushed_at), repository.fork ? " fork" : "",
                     repository.archived ? " archived" : "", repository.disabled ? " disabled" : "");
}

std::string line_of(const std::string& repository, const github::Commit& commit,
                    const std::optional<github::CommitStats>& lines) {
  return fmt::format("{} commit {} {} of {}, {} <{}>{}{}", repository, commit.sha, format_rfc3339(commit.committed_at),
                     text_of(commit.author), commit.author_name.value_or("no name"),
                     commit.author_email.value_or("no address"), commit.merge ? " merge" : "",
                     lines ? fmt::format(" +{} -{}", lines->additions, lines->deletions) : "");
}

std::string line_of(const std::string& repository, const github::PullRequest& pull) {
  return fmt::format("{} pull {} of {} created {} updated {} merged {}", repository, pull.number, text_of(pull.user),
                     format_rfc3339(pull.created_at), format_rfc3339(pull.updated_at), text_of(pull.merged_at));
}

std::string line_of(const std::string& repository, const github::Review& review) {
  return fmt::format("{} review {} of {} {} {}", repository, review.id, text_of(review.user), review.state,
                     text_of(review.submitted_at));
}

std::string line_of(const std::string& repository, std::string_view kind, const github::Comment& comment) {
  return fmt::format("{} {} {} of {} created {} updated {}", repository, kind, comment.id, text_of(comment.user),
                     format_rfc3339(comment.created_at), format_rfc3339(comment.updated_at));
}

std::string line_of(const std::string& repository, const github::Issue& issue) {
  return fmt::format("{} issue {} of {} created {} updated {} closed {} by {}{}", repository, issue.number,
                     text_of(issue.user), format_rfc3339(issue.created_at), format_rfc3339(issue.updated_at),
                     text_of(issue.closed_at), text_of(issue.closed_by), issue.reopened ? ", open again" : "");
}

async::Task<ByRest> ask_rest(github::Api& api, TimePoint since) {
  ByRest told;
  const auto repositories = value_of(co_await github::list_org_repositories(api));
  for (const auto& repository : repositories.items) {
    told.repositories.insert(line_of(repository));
    co_await ask_rest_about(api, repository, since, told);
  }
  co_return told;
}

async::Task<Lines> ask_rest_for_issues(github::Api& api, TimePoint since) {
  Lines told;
  const auto repositories = value_of(co_await github::list_org_repositories(api));
  for (const auto& repository : repositories.items) {
    const auto issues = value_of(co_await github::list_issues(api, repository.full_name, since));
    for (const auto& issue : issues.items) told.insert(line_of(repository.full_name, issue));
  }
  co_return told;
}

async::Task<ByGraphql> ask_search(github::GraphqlApi& api, TimePoint since) {
  ByGraphql told;
  const std::string where = " updated:>=" + format_rfc3339(since) + " sort:updated-asc";
  std::optional<std::string> cursor;
  do {
    auto page = value_of(co_await github::pulls_updated(api, "org:acme is:pr" + where, cursor, true));
    refuse_none(page);
    for (auto& pull : page.items) co_await read_pull(api, std::move(pull), since, told);
    cursor = page.next;
  } while (cursor);
  do {
    auto page = value_of(co_await github::issues_updated(api, "org:acme is:issue" + where, cursor, true));
    refuse_none(page);
    for (auto& issue : page.items) co_await read_issue(api, std::move(issue), since, told);
    cursor = page.next;
  } while (cursor);
  co_return told;
}

async::Task<ByGraphql> ask_repositories(github::GraphqlApi& api, std::vector<github::NodeId> ids, TimePoint since) {
  ByGraphql told;
  auto pulls = value_of(co_await github::pulls_of_repos(api, ids, true));
  refuse_none(pulls);
  for (auto& list : pulls.items) {
    for (;;) {
      bool older = false;
      for (auto& pull : list.items) {
        older = pull.pull.updated_at < since;
        if (older) break;
        co_await read_pull(api, std::move(pull), since, told);
      }
      if (older || !list.next) break;
      auto more = value_of(co_await github::more_pulls_of_repo(api, list.repository, *list.next, true));
      refuse_none(more);
      list = std::move(more.items.at(0));
    }
  }
  auto issues = value_of(co_await github::issues_of_repos(api, ids, true));
  refuse_none(issues);
  for (auto& list : issues.items) {
    for (;;) {
      bool older = false;
      for (auto& issue : list.items) {
        older = issue.updated_at < since;
        if (older) break;
        co_await read_issue(api, std::move(issue), since, told);
      }
      if (older || !list.next) break;
      auto more = value_of(co_await github::more_issues_of_repo(api, list.repository, *list.next, true));
      refuse_none(more);
      list = std::move(more.items.at(0));
    }
  }
  co_return told;
}

Lines commit_lines(const std::vector<github::CommitHistory>& histories) {
  Lines lines;
  for (const auto& history : histories) {
    for (const auto& commit : history.commits) {
      lines.insert(line_of(history.repository.full_name, commit.commit, commit.lines));
    }
  }
  return lines;
}

async::Task<std::vector<github::CommitHistory>> ask_commits(github::GraphqlApi& api, std::vector<github::NodeId> ids,
                                                            github::CommitRange range) {
  auto batch = value_of(co_await github::commits_since(api, std::move(ids), range));
  refuse_none(batch);
  for (auto& history : batch.items) {
    while (history.next) {
      auto more = value_of(co_await github::more_commits(api, history, range));
      std::ranges::move(more.commits, std::back_inserter(history.commits));
      history.next = more.next;
    }
  }
  co_return std::move(batch.items);
}

async::Task<std::vector<github::RepositoryHead>> ask_heads(github::GraphqlApi& api) {
  std::vector<github::RepositoryHead> heads;
  std::optional<std::string> cursor;
  do {
    auto page = value_of(co_await github::heads_sweep(api, cursor));
    refuse_none(page);
    std::ranges::move(page.items, std::back_inserter(heads));
    cursor = page.next;
  } while (cursor);
  co_return heads;
}

}  // namespace ghstats::client
