// GitHub's GraphQL as far as histories go: CommitsSince and MoreCommits, answered from scripted commits.
#pragma once

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/time_format.h"
#include "github/testing/graphql_fixture.h"

namespace ghstats::activity::testing {

struct ScriptedCommit {
  std::string sha;
  std::string user;  // empty: an author without account, whom git names
  TimePoint at;
  bool merge = false;
  int added = 0;
  int removed = 0;
};

// As many repositories as were add()ed, each with its commits, newest first; what lies in the range is told in pages of
// $first. Nobody else exists: NOT_FOUND.
class ScriptedHistories {
 public:
  struct Question {
    std::string operation;
    std::vector<std::string> nodes;
    std::int64_t first = 0;
    std::string since;
    std::string until;
    bool lines = false;
  };

  void add(std::string node, std::uint64_t repo, std::vector<ScriptedCommit> commits) {
    histories_.insert_or_assign(std::move(node), History{repo, std::move(commits)});
  }
  // More than so many repositories, or commits a page, are too much for one answer.
  std::size_t most_nodes = 100;
  std::int64_t longest_page = 100;
  // Too much of whatever size.
  std::string too_large = {};

  [[nodiscard]] const std::vector<Question>& asked() const { return asked_; }

  Result<http::Response> answer(const http::Request& request) {
    const boost::json::value body = boost::json::parse(request.body);
    const boost::json::object& variables = body.at("variables").as_object();
    Question question{.operation = std::string(body.at("operationName").as_string()),
                      .nodes = {},
                      .first = variables.at("first").as_int64(),
                      .since = std::string(variables.at("since").as_string()),
                      .until = std::string(variables.at("until").as_string()),
                      .lines = variables.at("lines").as_bool()};
    const bool more = question.operation == "MoreCommits";
    if (more) {
      question.nodes.push_back(std::string(variables.at("head").as_string()).substr(2));
    } else {
      for (const auto& id : variables.at("ids").as_array()) question.nodes.emplace_back(id.as_string());
    }
    asked_.push_back(question);
    if (question.nodes.size() > most_nodes || question.first > longest_page ||
        std::ranges::find(question.nodes, too_large) != question.nodes.end()) {
      return text(R"({"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","message":"too much"}]})");
    }
    return more ? next_page(question, std::stoul(std::string(variables.at("cursor").as_string()))) : first(question);
  }

 private:
  struct History {
    std::uint64_t repo = 0;
    std::vector<ScriptedCommit> commits;
  };

  static Result<http::Response> text(std::string body) { return http::Response{200, {}, std::move(body), ""}; }

  static boost::json::object rendered(const ScriptedCommit& commit, bool lines) {
    boost::json::object out{{"oid", commit.sha},
                            {"committedDate", format_rfc3339(commit.at)},
                            {"parents", {{"totalCount", commit.merge ? 2 : 1}}}};
    boost::json::object author{{"name", "N"}, {"email", "n@x"}, {"user", nullptr}};
    if (!commit.user.empty()) author["user"] = {{"login", commit.user}};
    out["author"] = std::move(author);
    if (lines) {
      out["additions"] = commit.added;
      out["deletions"] = commit.removed;
    }
    return out;
  }

  static boost::json::object page(const Question& question, const History& history, std::size_t begin) {
    std::vector<const ScriptedCommit*> inside;
    for (const ScriptedCommit& commit : history.commits) {
      const std::string at = format_rfc3339(commit.at);
      if (at >= question.since && at <= question.until) inside.push_back(&commit);
    }
    const std::size_t end = std::min(inside.size(), begin + static_cast<std::size_t>(question.first));
    boost::json::array nodes;
    for (std::size_t i = begin; i < end; ++i) nodes.push_back(rendered(*inside[i], question.lines));
    return {{"pageInfo", {{"hasNextPage", end < inside.size()}, {"endCursor", std::to_string(end)}}},
            {"nodes", std::move(nodes)}};
  }

  Result<http::Response> first(const Question& question) {
    boost::json::array nodes;
    boost::json::array errors;
    for (const std::string& node : question.nodes) {
      const auto known = histories_.find(node);
      if (known == histories_.end()) {
        errors.push_back({{"type", "NOT_FOUND"}, {"path", {"nodes", nodes.size()}}, {"message", "no such node"}});
        nodes.push_back(nullptr);
        continue;
      }
      const History& history = known->second;
      boost::json::object repository{
          {"id", node}, {"databaseId", history.repo}, {"nameWithOwner", "acme/" + node}, {"defaultBranchRef", nullptr}};
      if (!history.commits.empty()) {
        repository["defaultBranchRef"] = {
            {"target", {{"id", "C_" + node}, {"oid", "head"}, {"history", page(question, history, 0)}}}};
      }
      nodes.push_back(std::move(repository));
    }
    boost::json::object out{{"data", {{"nodes", std::move(nodes)}}}};
    if (!errors.empty()) out["errors"] = std::move(errors);
    return text(boost::json::serialize(out));
  }

  Result<http::Response> next_page(const Question& question, std::size_t begin) {
    const auto known = histories_.find(question.nodes.front());
    if (known == histories_.end()) return text(R"({"data":{"node":null}})");
    const boost::json::object out{{"data", {{"node", {{"history", page(question, known->second, begin)}}}}}};
    return text(boost::json::serialize(out));
  }

  std::map<std::string, History> histories_;  // by node
  std::vector<Question> asked_;
};

}  // namespace ghstats::activity::testing
