// Two repositories of an organisation, a scripted GitHub and a real memory store.
#pragma once

#include <gtest/gtest.h>

#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "activity/org_cycle.h"
#include "base/time_format.h"
#include "github/testing/api_fixture.h"
#include "store/memory_store.h"

namespace ghstats::activity::testing {

// 'acme' with 'api' (1) and 'web' (2). What is not scripted is an error: see rest_is_empty().
class OrgCycleFixture : public ::testing::Test {
 protected:
  OrgCycleFixture()
      : store_(store::make_memory_store(github_.io.get_executor(), github_.clock, {})),
        authority_{Role::kLeader, store::Source::kLeaderScrape, *run(store_->begin_leadership())} {
    settings_.org = "acme";
    github_.on_get("/orgs/acme/repos*").reply(200, repositories(R"({"id":1,"name":"api"},{"id":2,"name":"web"})"));
  }

  template <class T>
  T run(async::Task<T> task) {
    return github_.run(std::move(task));
  }

  std::string repositories(const std::string& items) {
    std::string out = "[" + items + "]";
    for (const std::string name : {"api", "web", "old"}) {
      const std::string from = "\"name\":\"" + name + "\"";
      const auto at = out.find(from);
      if (at != std::string::npos) {
        out.insert(at + from.size(), R"(,"full_name":"acme/)" + name +
                                         R"(","fork":false,"private":false,"pushed_at":")" +
                                         ago(std::chrono::hours{1}) + '"');
      }
    }
    return out;
  }

  // Everything not scripted before this call is empty.
  void rest_is_empty() { github_.on_get("/repos/*").reply(200, "[]"); }

  // Of 'acme' as `github` has it, with `filter_` as it is now.
  Inventory& inventory(github::testing::ApiFixture& github) {
    return inventories_.emplace_back(github_.io.get_executor(), github.api, filter_);
  }

  CycleReport cycle() { return run(run_org_cycle({inventory(github_), *store_, authority_, &pushes_}, settings_)); }

  [[nodiscard]] std::string ago(std::chrono::seconds d) const { return format_rfc3339(github_.clock.now() - d); }

  std::map<std::string, int> stored() {
    std::map<std::string, int> out;
    for (const auto& event : run(store_->snapshot())->set.events) {
      ++out[std::to_string(to_number(event.repo)) + "/" + event.user + "/" + std::string(to_string(event.kind))];
    }
    return out;
  }

  std::vector<store::CollectionFamily> collected(RepoId repo) {
    std::vector<store::CollectionFamily> out;
    for (const auto& checkpoint : *run(store_->checkpoints({repo}))) out.push_back(checkpoint.family);
    return out;
  }

  github::testing::ApiFixture github_;
  std::unique_ptr<store::MetricStore> store_;
  store::Authority authority_;
  RepoFilter filter_;
  OrgSettings settings_;
  KnownPushes pushes_{std::chrono::seconds{120}};
  std::list<Inventory> inventories_;
};

}  // namespace ghstats::activity::testing
