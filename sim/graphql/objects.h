// The modelled types of the schema, one file each. Moment and world must outlive the objects.
#pragma once

#include "sim/graphql/moment.h"
#include "sim/graphql/object.h"

namespace ghstats::sim::graphql {

ObjectPtr query_object(const Moment& moment);
ObjectPtr repository_object(const Moment& moment, const Repository& repository);
ObjectPtr pull_object(const Moment& moment, const Repository& repository, const PullRequest& pull);
ObjectPtr issue_object(const Moment& moment, const Repository& repository, const Issue& issue);
ObjectPtr review_object(const Moment& moment, const Repository& repository, const Review& review);
ObjectPtr comment_object(const Moment& moment, const Repository& repository, const IssueComment& comment);
ObjectPtr review_comment_object(const Moment& moment, const Repository& repository, const ReviewComment& comment);
ObjectPtr commit_object(const Moment& moment, const Repository& repository, const Commit& commit);
// The default branch; null for an empty repository.
ObjectPtr default_branch_object(const Moment& moment, const Repository& repository);
// An Actor; null for nobody and for deleted accounts. A Bot's login has no "[bot]".
ObjectPtr actor_object(const Moment& moment, const Account* account);
// A User, also of a bot, whose login keeps its "[bot]"; null as above.
ObjectPtr user_object(const Moment& moment, const Account* account);
ObjectPtr organization_object(const Moment& moment, const Account& organization);

// Connections.
Resolved comments_of(const Moment& moment, const Repository& repository, std::uint64_t number,
                     const Arguments& arguments);
Resolved review_comments_of(const Moment& moment, const Repository& repository,
                            const std::vector<const ReviewComment*>& comments, const Arguments& arguments);
// Of a pull request: each review comment is a thread of its own.
Resolved threads_of(const Moment& moment, const Repository& repository, const PullRequest& pull,
                    const Arguments& arguments);
Resolved timeline_of(const Moment& moment, const Repository& repository, const PullRequest& pull,
                     const Arguments& arguments);
Resolved timeline_of(const Moment& moment, const Issue& issue, const Arguments& arguments);
// query, type: issues and pull requests as `moment.index()` knows them.
Resolved search(const Moment& moment, const Arguments& arguments);

// The object of that global id that who asks may see; null when there is none.
ObjectPtr node_object(const Moment& moment, const std::string& id);

// "Resource not accessible by integration"
Failure forbidden();
// Ids that do not fit into 32 bits have no databaseId.
Resolved database_id(std::uint64_t id);
Resolved full_database_id(std::uint64_t id);
Resolved time_or_null(const std::optional<TimePoint>& time, TimePoint now);

}  // namespace ghstats::sim::graphql
