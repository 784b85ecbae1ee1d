#include "activity/loc/history_week.h"

#include <string>
#include <utility>

#include "activity/loc/week_tally.h"
#include "activity/loc/weeks.h"
#include "github/graphql/more_commits.h"

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;

void count(WeekTally& tally, const std::vector<github::HistoryCommit>& commits) {
  for (const github::HistoryCommit& each : commits) {
    if (!tally.counts(each.commit)) continue;
    if (each.lines) {
      tally.add(each.commit, *each.lines);
    } else {
      tally.leave_out(each.commit);
    }
  }
}

}  // namespace

github::CommitRange range_of_week(TimePoint week) {
  return {.since = week, .until = week + kWeek - 1s, .lines = true};
}

async::Task<Result<WeekSample>> read_history_week(github::GraphqlApi& api, github::CommitHistory begun, TimePoint week,
                                                  bool include_bots) {
  WeekTally tally(week, include_bots);
  count(tally, begun.commits);
  github::CommitHistory history = std::move(begun);
  for (int page = 1; history.next; ++page) {
    if (page == kMostHistoryPages) {
      co_return fail(ErrorCode::kTooLarge, "more commits of " + history.repository.full_name + ": more than " +
                                               std::to_string(kMostHistoryPages) + " pages");
    }
    auto more = co_await github::more_commits(api, std::move(history), range_of_week(week));
    if (!more) {
      Error error = std::move(more).error();
      if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kConflict;
      co_return fail(std::move(error));
    }
    history = *std::move(more);
    count(tally, history.commits);
  }
  co_return std::move(tally).sample();
}

}  // namespace ghstats::activity
