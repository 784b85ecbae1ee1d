// Events of the simulated organisation, by REST's sweep and over GraphQL.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "activity/changes/ask_repositories.h"
#include "activity/changes/search_activity.h"
#include "activity/repository_sweep.h"
#include "client/simulated_github.h"
#include "client/told.h"

namespace ghstats::client {

// One line for each event, by the name of its kind: where, which, whose and when.
using EventLines = std::map<std::string, Lines>;

// Asks about the organisation "acme" with every family.
class Changes : public SimulatedGithub {
 protected:
  explicit Changes(sim::Options options = busy_world()) : SimulatedGithub(std::move(options)) {}

  static void add(EventLines& lines, const std::vector<ledger::Event>& events);
  // Empty when both are the same.
  static std::string difference(const EventLines& left, const EventLines& right);

  [[nodiscard]] TimePoint oldest() const { return clock_.now() - std::chrono::hours{25}; }
  [[nodiscard]] activity::ToldPolicy policy() const {
    return {.events = events_, .families = kinds::families_of(kinds::kEveryFamily), .oldest = oldest()};
  }
  // What REST's sweep brings of each repository since `oldest`.
  EventLines swept();
  std::vector<github::RepositoryHead> heads() { return run(ask_heads(*graphql_)); }
  // For everything that can be seen.
  std::vector<activity::RepositoryAsk> everything();

  // What was told, and kept by a sink that is called by one at a time.
  struct Asked {
    EventLines lines;
    std::size_t parts = 0;
    std::vector<RepoId> finished;  // of any aspect
    activity::AskEnd end;
    [[nodiscard]] std::vector<ErrorCode> codes(activity::Aspect aspect) const;
  };
  Asked ask(std::vector<activity::RepositoryAsk> asks, activity::ToldPolicy policy, std::size_t concurrency = 4);
  // `go_on`: what the sink says.
  Asked ask(std::vector<activity::RepositoryAsk> asks, activity::ToldPolicy policy, std::size_t concurrency,
            std::function<bool(const activity::AskPart&)> go_on);

  // So many of the same.
  void happens_often(int times, const std::string& activity) {
    for (int i = 0; i < times; ++i) happens(activity);
  }
  // A repository with a pull request and an issue that have more of everything than an answer holds.
  std::string crowd();

  activity::EventPolicy events_;
};

}  // namespace ghstats::client
