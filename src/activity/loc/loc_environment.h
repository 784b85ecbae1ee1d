// What lines of code are collected with, and of.
#pragma once

#include <optional>
#include <string>

#include "activity/loc/loc_memory.h"
#include "base/clock.h"
#include "base/ids.h"
#include "github/graphql/graphql_api.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "store/store.h"

namespace ghstats::activity {

// All of it must outlive the calls.
struct LocEnvironment {
  store::MetricStore& store;
  metrics::Recorder& recorder;
  const Clock& clock;
  LocMemory& memory;
  log::Logger logger;
  // Of the same organisation: commits are read from histories. Null: commit by commit over REST.
  github::GraphqlApi* graphql = nullptr;
};

struct LocTarget {
  RepoId id{};
  std::string org;                          // as configured
  std::string name;                         // current name
  std::string full_name;                    // "owner/name" for URLs
  std::optional<TimePoint> pushed_at = {};  // GitHub's; absent: never, or not known
  bool never_pushed = false;                // GitHub says so: there is nothing to be asked about
  std::string node_id = {};                 // for GraphQL; empty: not known, asked about over REST
};

}  // namespace ghstats::activity
