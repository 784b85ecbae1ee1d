// Says what this replica's page goes without.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "log/log.h"
#include "metrics/recorder.h"
#include "store/redis/skipped.h"

namespace ghstats::store {

// Counts everything, and warns of each reason and kind of thing once: what is damaged is met again by every load.
// `recorder` must outlive it.
class SkippedNews {
 public:
  SkippedNews(log::Logger logger, metrics::Recorder& recorder, std::string replica)
      : logger_(std::move(logger)), recorder_(recorder), replica_(std::move(replica)) {}

  void skipped(const SkippedItem& item) {
    const std::string reason(to_string(item.reason));
    recorder_.add(metrics::Family::kStoreItemsSkipped, {replica_, reason});
    if (!told_.emplace(item.reason, item.what).second) return;
    const bool unknown = item.reason == SkippedItem::Reason::kUnknown;
    logger_.warn(unknown ? "the store holds what only a later version understands; it is left out"
                         : "the store holds something damaged; it is left out",
                 {{"what", item.what}, {"first", item.where}});
  }

 private:
  log::Logger logger_;
  metrics::Recorder& recorder_;
  std::string replica_;
  std::set<std::pair<SkippedItem::Reason, std::string_view>> told_;
};

}  // namespace ghstats::store
