// What a leadership knows of GitHub's health, for those who do jobs meanwhile and for the next leadership.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "activity/cooldown_fsm.h"
#include "async/task.h"
#include "base/clock.h"
#include "log/log.h"
#include "store/store.h"

namespace ghstats::app {

// The notice that lasts as long as this organisation's pause.
std::string cooldown_bar(const std::string& org);

// Of one leadership. All calls on one thread; `store` and `clock` must outlive it. What the store does not answer is
// left out, and told again with the next change.
class CooldownNotices {
 public:
  CooldownNotices(store::MetricStore& store, const Clock& clock, std::vector<std::string> orgs, log::Logger logger)
      : store_(store), clock_(clock), orgs_(std::move(orgs)), logger_(std::move(logger)) {}

  // What the leadership before told, within the last day.
  async::Task<> recall(activity::CooldownFsm& cooldown);

  // What has changed since the last call.
  async::Task<> tell(const activity::CooldownFsm& cooldown);

 private:
  async::Task<bool> announce(store::Notice notice);

  store::MetricStore& store_;
  const Clock& clock_;
  const std::vector<std::string> orgs_;
  log::Logger logger_;
  std::map<std::string, std::string> told_;  // by name: what tells one state from another
};

}  // namespace ghstats::app
