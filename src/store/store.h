// Where events and values live: the one seam to memory, Redis or a file. Verbs of our domain only.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/role.h"
#include "kinds/activity_kinds.h"
#include "ledger/event.h"
#include "metrics/series.h"
#include "store/coverage.h"
#include "store/lines_of_code.h"

namespace ghstats::store {

enum class Source { kLeaderScrape, kWorkerBackfill, kReplicaCounters };

std::string_view to_string(Source source);

// Who writes. A follower may write kWorkerBackfill (value sets with an edition only: nobody else keeps his from being
// older than what is there); any replica may write kReplicaCounters (counter increments only; a
// batch of them, also an empty one, is the replica's heartbeat); kLeaderScrape needs the leader role and an epoch that
// no other leader has superseded.
struct Authority {
  Role role = Role::kFollower;
  Source source = Source::kWorkerBackfill;
  std::uint64_t epoch = 0;
};

// A repository's current spelling. Later names replace earlier ones; its series move with it.
struct RepositoryName {
  RepoId id{};
  std::string org;  // as configured
  std::string name;
};

// Which of the sets of several writers is right where they do not come in order: that of the highest rank.
struct Edition {
  std::int64_t rank = 0;
  std::string note = {};  // for who asks editions(); without a line break, at most 1 KiB
  friend bool operator==(const Edition&, const Edition&) = default;
};

// Gauges that belong together: committing a set replaces the one that had the same slot, so what is no longer in it
// ends. An empty set ends them all.
// A set with an edition is outdated, and left out, where the slot's edition has a higher rank; it replaces one of the
// same rank. The slot remembers its edition, also that of an empty set, as long as a set would be kept. A set without
// an edition always replaces, and the slot's edition is forgotten.
// What the series budget has no room for is cut off the set's end. A set with an edition, whose sums mean something, is
// left out instead as a whole, and what was there stays.
struct ValueSet {
  std::string slot;  // for example "cycle/acme"
  std::vector<metrics::Sample> samples;
  std::optional<Edition> edition = std::nullopt;
  friend bool operator==(const ValueSet&, const ValueSet&) = default;
};

// Whether a slot that has `known` does not take a set of `told`.
bool is_outdated(const std::optional<Edition>& told, const std::optional<Edition>& known);

// What a slot has.
struct SlotEdition {
  std::string slot;
  std::optional<Edition> edition = std::nullopt;
  std::size_t series = 0;
  friend bool operator==(const SlotEdition&, const SlotEdition&) = default;
};

using kinds::CollectionFamily;

// What has been collected: the next collection of this family starts here.
struct Checkpoint {
  RepoId repo{};
  CollectionFamily family{};
  TimePoint collected_until;  // GitHub's clock
  // The checkpoint that the collection went on from; absent where it began with the oldest event that is still shown.
  // A store that has forgotten so much meanwhile (restarted with old data, failed over) lacks what lies between, so it
  // leaves its own checkpoint where it is and is asked for all of it by the next collection.
  std::optional<TimePoint> continues = std::nullopt;
};

// A user's newest event in a repository, where the event itself is too old to be kept.
struct LastEvent {
  RepoId repo{};
  std::string user;
  TimePoint at;
};

// Applied as a whole or not at all, but for what the series budget has no room for. A repository of which events were
// refused is incomplete: its checkpoints stay where they are, its membership ends in every organisation's coverage, and
// the batch's own note neither counts nor claims, so that the collection which told it has nothing to claim.
struct Batch {
  std::vector<RepositoryName> repositories;
  std::vector<ledger::Event> events;
  std::vector<LastEvent> last_events;  // never move backwards
  std::vector<ValueSet> value_sets;
  std::vector<metrics::Sample> increments;  // counters (and histogram parts): added to what is there; >= 0
  std::vector<Checkpoint> checkpoints;      // never back (but from the future: ADR 0011), never over a gap
  std::vector<LocRecord> loc_records;       // each takes the place of its repository's: replaces()
  // An organisation's data was told with this batch: its record's serial counts up by one, and a claim is applied.
  // Where the claim is refused, all else is applied all the same. Needs kLeaderScrape.
  std::optional<CoverageNote> coverage = std::nullopt;
};

// Nothing is told: who writes it asks whether he still may.
bool is_empty(const Batch& batch);

// The write rules, the same for every implementation: kPermissionDenied, or kSuperseded naming both epochs.
Status check_authority(const Batch& batch, const Authority& authority, std::uint64_t current_epoch);

struct Receipt {
  std::size_t events_new = 0;
  std::size_t events_changed = 0;
  std::size_t events_known = 0;
  std::size_t series_refused = 0;  // new series beyond the budget
  std::size_t sets_outdated = 0;   // value sets that the slot's edition is above
  // Of a batch with a note: the record's serial after it (0: there is no record), and whether its claim was not taken,
  // also because the batch was told before and only the answer was lost.
  std::uint64_t coverage_serial = 0;
  bool claim_refused = false;
};

// What a commit changed, as a view needs it.
struct ChangeSet {
  std::vector<RepositoryName> repositories;
  std::vector<ledger::Event> events;
  std::vector<LastEvent> last_events;
  std::vector<ValueSet> value_sets;       // of a slot the last one counts; none of them is outdated
  std::vector<metrics::Sample> counters;  // absolute values
  std::vector<LocRecord> loc_records;     // each replaces that of its repository
  std::vector<RepoId> ended_loc;          // retention is over: whose records ended
};

// A position in the change feed of one incarnation of the store.
struct Cursor {
  std::string incarnation;
  std::uint64_t position = 0;
};

struct Changes {
  ChangeSet set;
  Cursor next;
};
// The cursor is of another incarnation or older than the feed reaches: load a snapshot.
struct Resync {};

// Everything there is, and where the feed goes on from it.
struct Snapshot {
  ChangeSet set;
  Cursor next;
};

// So many per period, shared by all replicas. Periods begin at multiples of their length since 1970.
struct Allowance {
  std::string name;  // "backfill/acme"
  std::int64_t limit = 0;
  std::chrono::seconds period{60};
};

// Told by one replica, known to all until it is over. Worth having, but no data: a store may lose it.
struct Notice {
  std::string name;                  // "cooldown/acme"
  std::chrono::nanoseconds left{0};  // from now on; > 0
  std::string text;                  // without a line break
  friend bool operator==(const Notice&, const Notice&) = default;
};

// What all replicas may spend together, refilled evenly: so many points at once, and one more with each `per_point`.
struct Budget {
  std::string name;  // "points/<credential>"
  std::int64_t points = 0;
  std::int64_t capacity = 0;              // >= 1; `points` are at most nine times as many
  std::chrono::nanoseconds per_point{0};  // >= 1 us
};

// May somebody ask now?
struct Admission {
  std::vector<std::string> bars = {};  // notices; each of them forbids it
  std::optional<Budget> budget = std::nullopt;
};

struct StoreHealth {
  bool healthy = true;       // reached, and took what was last written
  std::string reason = {};   // why not, for people; empty when healthy
  std::string concern = {};  // it works, but people should know this of it; empty: nothing
  std::size_t active_series = 0;
  bool budget_full = false;
  bool fallback = false;   // the configured store is not reached yet; another one stands in
  std::string mixed = {};  // replicas of another environment write to it, too: both, for people; empty when none do
};

// All calls on one thread; must outlive its calls. Errors: kUnavailable, kTimeout (the batch may or may not have been
// applied; committing it again is safe except for increments, which implementations de-duplicate themselves),
// kPermissionDenied, kSuperseded, kTooLarge (of value sets, and of claims: kMostClaimed), kCancelled. Nothing is
// changed by a refused batch.
class MetricStore {
 public:
  virtual ~MetricStore() = default;

  // The epoch a new leader writes under; every older one is superseded from now on.
  virtual async::Task<Result<std::uint64_t>> begin_leadership() = 0;

  virtual async::Task<Result<Receipt>> commit(Batch batch, Authority authority) = 0;

  virtual async::Task<Result<Snapshot>> snapshot() = 0;
  virtual async::Task<Result<std::variant<Changes, Resync>>> changes(Cursor after) = 0;
  // Returns when changes(after) has something to tell, or after `timeout` (success, too).
  virtual async::Task<Status> wait_for_changes(Cursor after, std::chrono::nanoseconds timeout) = 0;

  // Every checkpoint of these repositories, without `continues`; those without one are left out.
  virtual async::Task<Result<std::vector<Checkpoint>>> checkpoints(std::vector<RepoId> repositories) = 0;

  // What is claimed as collected of this organisation. A record that no note has touched for the store's retention is
  // gone.
  virtual async::Task<Result<CoverageRecord>> coverage(std::string org) = 0;

  // What is known of these repositories' lines of code; those never asked for are left out.
  virtual async::Task<Result<std::vector<LocRecord>>> loc_records(std::vector<RepoId> repositories) = 0;

  // Every slot whose name begins with `prefix` and that has an edition or samples, sorted by slot.
  virtual async::Task<Result<std::vector<SlotEdition>>> editions(std::string prefix) = 0;

  // True: the caller holds `key` from now on, for `ttl` (> 0) or until it is released. False: somebody holds it.
  virtual async::Task<Result<bool>> claim(std::string key, std::chrono::nanoseconds ttl) = 0;
  // Success, too, when nobody holds it.
  virtual async::Task<Status> release(std::string key) = 0;

  // Takes up to `wanted` (>= 0) of what is left of the current period; returns how much that was.
  virtual async::Task<Result<std::int64_t>> draw(Allowance allowance, std::int64_t wanted) = 0;

  // Absent: yes, and the points are spent. Otherwise what stands in the way, and nothing is spent; a budget stands
  // there under its name until the points are there (more than it holds need a full one). By the store's own clock.
  virtual async::Task<Result<std::optional<Notice>>> admit(Admission admission) = 0;
  // Takes the place of the notice of that name, unless that one lasts longer.
  virtual async::Task<Status> announce(Notice notice) = 0;
  // Those of these that are not over, in this order.
  virtual async::Task<Result<std::vector<Notice>>> announced(std::vector<std::string> names) = 0;

  // Removes what retention no longer covers. Leader only.
  virtual async::Task<Status> collect_garbage(TimePoint now, Authority authority) = 0;

  // Looks whether all that was told is still there. True: something was not. Then checkpoints and coverage no longer
  // claim it, and cursors are of another incarnation, so that who remembers tells it again. Leader only; cheap enough
  // for every few seconds. begin_leadership() does it, too, as far as it can.
  virtual async::Task<Result<bool>> mend(Authority authority) = 0;

  [[nodiscard]] virtual StoreHealth health() const = 0;
};

}  // namespace ghstats::store
