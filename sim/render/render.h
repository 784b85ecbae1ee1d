// GitHub's JSON for the objects of a world at an instant.
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "sim/access/identity.h"
#include "sim/render/commit_files.h"
#include "sim/world/world.h"

namespace ghstats::sim {

// For whom something is rendered.
struct View {
  TimePoint now;
  std::string api_base;
};

// A "simple user"; null for nobody and for deleted accounts.
boost::json::value render_account(const View& view, const Account* account);
boost::json::value render_enterprise(const View& view, const Enterprise& enterprise);
boost::json::value render_repository(const View& view, const Repository& repository);
// With what GET /repos/{owner}/{repo} adds.
boost::json::value render_full_repository(const View& view, const Repository& repository);
boost::json::value render_commit(const View& view, const Repository& repository, const Commit& commit);
// Of a commit's "files".
boost::json::value render_file(const View& view, const Repository& repository, const Commit& commit,
                               const CommitFile& file);
boost::json::value render_pull(const View& view, const Repository& repository, const PullRequest& pull,
                               TimePoint updated);
boost::json::value render_issue(const View& view, const Repository& repository, const Issue& issue, TimePoint updated);
// As the issue that a pull request is, too.
boost::json::value render_issue(const View& view, const Repository& repository, const PullRequest& pull,
                                TimePoint updated);
boost::json::value render_review(const View& view, const Repository& repository, const Review& review);
boost::json::value render_comment(const View& view, const Repository& repository, const IssueComment& comment);
boost::json::value render_review_comment(const View& view, const Repository& repository, const ReviewComment& comment);
boost::json::value render_installation(const View& view, const Installation& installation, std::uint64_t app_id,
                                       const std::string& client_id, const std::string& app_slug);

// A global id: opaque to clients.
std::string node_id(std::string_view kind, std::uint64_t id);
// "http://.../repos/owner/name"
std::string repository_url(const View& view, const Repository& repository);
std::string html_url(const View& view, const Repository& repository);

}  // namespace ghstats::sim
