// The store of one process.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "base/clock.h"
#include "store/store.h"

namespace ghstats::store {

struct MemoryStoreOptions {
  std::chrono::seconds zero_linger{std::chrono::hours{1}};
  std::chrono::seconds retention{std::chrono::hours{720}};
  std::size_t max_series_budget = 1'000'000;
  // A reader that falls further behind than this many changed items gets a Resync.
  std::size_t feed_length = 200'000;
};

// `clock` must outlive the store.
std::unique_ptr<MetricStore> make_memory_store(boost::asio::any_io_executor executor, const Clock& clock,
                                               MemoryStoreOptions options);

}  // namespace ghstats::store
