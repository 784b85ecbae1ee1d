// Counts what is written, whatever store is behind it: gh_exporter_store_write_total.
#pragma once

#include <memory>

#include "metrics/recorder.h"
#include "store/store.h"

namespace ghstats::store {

// Every commit of kLeaderScrape and kWorkerBackfill counts once as success or failure; batches refused for their
// authority and series refused for the budget count as refused. Heartbeats (is_empty()) count when they are refused.
// `inner` and `recorder` must outlive it.
std::unique_ptr<MetricStore> make_counting_store(MetricStore& inner, metrics::Recorder& recorder);

}  // namespace ghstats::store
