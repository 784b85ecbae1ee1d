// A batch as calls of the store's functions. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "redis/command.h"
#include "redis/reply.h"
#include "store/redis/keys.h"
#include "store/redis/value_codec.h"
#include "store/store.h"

namespace ghstats::store {

// What every function wants to know about its caller.
struct CallContext {
  std::string epoch = {};  // decimal; empty: written under no epoch
  std::string instance = {};
  std::string incarnation = {};  // for a store that has none yet
  std::string expected = {};     // the incarnation that an earlier call has met; empty: any
  bool beats = false;            // says that the instance lives, whatever else it says
  std::string environment = {};  // that of the instance; empty: told to nobody
  TimePoint now{};
  std::chrono::seconds zero_linger{};
  std::chrono::seconds retention{};
  std::size_t max_series_budget = 0;
  std::size_t feed_length = 0;
};

// FCALL with the arguments that all of the store's functions begin with.
redis::Command function_call(std::string_view function, const RedisKeys& keys, const CallContext& context);

// How many of its items one call takes, so that Redis works for less than a tenth of a second at a time. More than any
// repository has in a day.
inline constexpr std::size_t kItemsPerCall = 20'000;

// How many bytes value sets may take together: a reader gets them in one reply (redis::ReplyLimits), whole.
inline constexpr std::size_t kMostValueBytes = 48UL << 20U;

// What is beyond one call goes before the last one: names, events and last events, which are idempotent and true by
// themselves.
// Checkpoints, coverage and everything that must appear at once are in the last call, so they never move without their
// data.
class CommitPlan {
 public:
  explicit CommitPlan(Batch batch, std::size_t items_per_call = kItemsPerCall);
  // Its parts point into its batch.
  CommitPlan(const CommitPlan&) = delete;
  CommitPlan& operator=(const CommitPlan&) = delete;
  ~CommitPlan() = default;

  // The absolute totals of this instance, which take the place of the batch's increments.
  void set_totals(std::vector<metrics::Sample> totals) { totals_ = std::move(totals); }

  // kTooLarge: nobody could read its value sets, or its claim is more than one call takes.
  [[nodiscard]] Status check_size() const;

  // All of these must have been accepted before last() is sent, and on the same connection.
  [[nodiscard]] std::vector<redis::Command> early(const RedisKeys& keys, const CallContext& context) const;

  // `incomplete`: repositories of which something was refused; their checkpoints stay, and coverage is not noted.
  [[nodiscard]] redis::Command last(const RedisKeys& keys, const CallContext& context,
                                    const std::unordered_set<std::string>& incomplete) const;

 private:
  struct Part {
    std::vector<const RepositoryName*> names = {};
    std::vector<std::vector<const ledger::Event*>> groups = {};  // each of one repository
    std::vector<const LastEvent*> last_events = {};
    std::size_t items = 0;
  };
  struct Slot {
    std::string name;
    std::optional<Edition> edition;
    std::size_t samples = 0;
    PackedSet packed;
  };
  void divide(std::size_t items_per_call);
  void pack_slots();
  static void add_part(redis::Command& command, const Part& part);

  Batch batch_;              // without value sets
  std::vector<Slot> slots_;  // these
  std::vector<metrics::Sample> totals_;
  std::vector<Part> parts_;  // at least one
};

// What a call answered.
struct CallAnswer {
  enum class Outcome : std::uint8_t { kDone, kSuperseded, kInstanceFolded, kFlushed };
  Outcome outcome{};
  std::string current_epoch = {};  // when superseded
  std::size_t series = 0;
  Receipt receipt = {};
  std::string incarnation = {};
  std::vector<std::string> environments = {};  // others whose replicas live, too
  std::vector<std::string> rest = {};          // of commit: incomplete repositories; of collect: where to go on
};
Result<CallAnswer> parse_commit_answer(const redis::Reply& reply);
// Of calls of the same batch, in their order: the note is in the last one.
void add_to(Receipt& sum, const Receipt& later);
Result<CallAnswer> parse_collect_answer(const redis::Reply& reply);

}  // namespace ghstats::store
