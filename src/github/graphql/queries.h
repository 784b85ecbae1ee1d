// The queries of this folder, compiled in from *.graphql (cmake/graphql_queries.cmake).
#pragma once

#include <string_view>

namespace ghstats::github {

struct Query {
  std::string_view operation;  // "HeadsSweep"
  std::string_view endpoint;   // for the observer: "graphql_heads_sweep"
  std::string_view text;
};

namespace queries {

extern const Query kCommitsSince;
extern const Query kHeadsByIds;
extern const Query kHeadsSweep;
extern const Query kIssuesOfRepos;
extern const Query kIssuesUpdated;
extern const Query kMoreComments;
extern const Query kMoreCommits;
extern const Query kMoreReviewComments;
extern const Query kMoreReviews;
extern const Query kProbe;
extern const Query kPullsOfRepos;
extern const Query kPullsUpdated;

}  // namespace queries
}  // namespace ghstats::github
