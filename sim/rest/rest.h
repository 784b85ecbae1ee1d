// The REST endpoints, one file per group. Each is called with a visible, unblocked repository where its path names one.
#pragma once

#include "sim/copilot/report.h"
#include "sim/rest/call.h"
#include "sim/rest/reply.h"

namespace ghstats::sim {

// rest_repositories.cc
Reply list_organization_repositories(const Call& call);
Reply list_organization_repositories_by_id(const Call& call);
Reply list_user_repositories(const Call& call);
Reply list_installation_repositories(const Call& call);
Reply get_repository(const Call& call);
// rest_commits.cc
Reply list_commits(const Call& call);
Reply get_commit(const Call& call);
// rest_statistics.cc
Reply get_contributor_statistics(const Call& call);
// rest_pulls.cc
Reply list_pulls(const Call& call);
Reply get_pull(const Call& call);
Reply list_reviews(const Call& call);
// issues.cc
Reply list_issues(const Call& call);
Reply get_issue(const Call& call);
// rest_comments.cc
Reply list_issue_comments(const Call& call);
Reply list_review_comments(const Call& call);
// rest_app.cc
Reply get_app(const Call& call);
Reply list_installations(const Call& call);
Reply get_installation(const Call& call);
Reply get_organization_installation(const Call& call);
Reply get_enterprise_installation(const Call& call);
Reply create_installation_token(const Call& call);
// copilot.cc
Reply get_copilot_report(const Call& call, const copilot::Report& report);
// rest_meta.cc
Reply get_rate_limit(const Call& call);
Reply get_meta(const Call& call);

}  // namespace ghstats::sim
