// Reads on what a query cut of one pull request or issue: it tells the newest 20 of what belongs to it.
#pragma once

#include "activity/changes/told_events.h"
#include "async/task.h"
#include "base/error.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::activity {

// Whether anything is missing that may make a wanted event.
bool is_cut(const github::PullActivity& told, const ToldPolicy& policy);
bool is_cut(const github::IssueActivity& told, const ToldPolicy& policy);

// Afterwards everything is in `told` that makes a wanted event. Nothing is asked of what is not cut. On an error,
// one of more_comments(), more_reviews() or more_review_comments(), what was read until then is in it, and is true.
// `api`, `told` and `policy` must outlive the task.
async::Task<Status> complete(github::GraphqlApi& api, github::PullActivity& told, const ToldPolicy& policy);
async::Task<Status> complete(github::GraphqlApi& api, github::IssueActivity& told, const ToldPolicy& policy);

}  // namespace ghstats::activity
