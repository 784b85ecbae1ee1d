// Which question comes next of all that is to be asked of repositories, and how much it asks for: decided without I/O.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "activity/changes/aspect.h"
#include "activity/changes/batches.h"
#include "activity/changes/heads_diff.h"
#include "activity/changes/told_events.h"
#include "github/graphql/model.h"
#include "github/graphql/page_size_fsm.h"

namespace ghstats::activity {

// How much the queries of an aspect ask for at once: of everybody's first page, and of one repository's further pages.
struct AskShapes {
  github::PageShape first;
  github::PageShape further;
};

// Of pull requests and issues, within QueryLimits. Where most lists reach back for hours, as when nothing is collected
// yet, it is cheaper to ask for long pages of few repositories, else for short ones of many.
AskShapes shapes_of(const ToldPolicy& policy, Aspect aspect, std::span<const RepositoryAsk> asks);

struct Question {
  Aspect aspect{};
  AskBatch batch;
  github::PageShape largest;  // of its query
};

// The aspects take turns, commits first; see Batches for the order in each. What no family wants is not asked.
class AskQueue {
 public:
  AskQueue(const ToldPolicy& policy, std::span<const RepositoryAsk> asks);

  // Absent: nothing is left for now. What was taken counts as asked, so several questions may be under way.
  std::optional<Question> next();

  // What a page of this repository goes on with.
  void add_next_page(Aspect aspect, const github::NodeId& node, std::string cursor);

 private:
  struct Lane {
    AskShapes shapes;
    Batches batches;
  };
  PerAspect<Lane> lanes_;
  std::size_t turn_ = 0;  // whose it is
};

}  // namespace ghstats::activity
