// The change feed as Redis keeps it. No I/O.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "redis/command.h"
#include "redis/reply.h"
#include "store/counter_merge.h"
#include "store/redis/keys.h"
#include "store/redis/skipped.h"
#include "store/store.h"

namespace ghstats::store {

// Which data this is and who serves it. Another server process (restart, failover) may have lost commits that were
// told already, so its feed does not continue ours.
struct ServerIdentity {
  std::string incarnation = {};  // of the data; empty while there is none
  std::string run_id = {};       // of the server process
  friend bool operator==(const ServerIdentity&, const ServerIdentity&) = default;
};

struct FeedEntry {
  std::uint64_t before = 0;  // the position it follows
  std::uint64_t position = 0;
  std::string items = {};
};

// The head of the feed and a piece of it, read at one moment.
struct FeedPage {
  ServerIdentity server = {};
  std::uint64_t position = 0;  // of the newest entry; positions count changed items
  std::size_t series = 0;
  std::vector<FeedEntry> entries = {};
};

// `count` 0 asks for the head only. `connection` stands for the server where its INFO is not allowed.
std::vector<redis::Command> read_feed(const RedisKeys& keys, std::uint64_t after, std::size_t count);
// kInvalidData names what is damaged.
Result<FeedPage> parse_feed(std::vector<redis::Reply> replies, const RedisKeys& keys, std::uint64_t connection);

// The answer to TIME; absent where it is none (an ACL may forbid it).
std::optional<TimePoint> parse_server_time(const redis::Reply& reply);

// Entries put together as a view needs them. Totals go through `counters`, whose sums are told. What an entry holds
// besides, of a later version or damaged, goes to `skipped`.
class FeedReader {
 public:
  FeedReader(CounterMerge& counters, const OnSkipped& skipped) : counters_(counters), skipped_(skipped) {}

  // kInvalidData: no items; then nothing can be said about the entry, and what was added is of no use.
  Status add(std::string_view items);

  // All that was added. Of a lines-of-code record only the last word counts, of counters only the last sum.
  ChangeSet take();

 private:
  struct Item {
    char type = 0;
    std::array<std::string_view, 3> texts = {};
  };
  Status take_item(const Item& item);
  Status take_of_repository(RepoId repo, const Item& item);
  Status add_events(RepoId repo, std::string_view bytes);
  Status add_total(std::string instance, std::string_view key, std::string_view total);
  void add_loc(LocRecord record);
  void end_loc(RepoId repo);

  CounterMerge& counters_;
  const OnSkipped& skipped_;
  ChangeSet set_;
  std::unordered_set<metrics::SeriesKey, metrics::SeriesKeyHash> counted_;
};

}  // namespace ghstats::store
