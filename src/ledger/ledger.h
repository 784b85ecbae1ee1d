// The truth about who did what: events keyed by GitHub's identity, and sliding windows computed from them.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "kinds/activity_kinds.h"
#include "ledger/event.h"
#include "ledger/row.h"

namespace ghstats::ledger {

// What telling the ledger an event did.
enum class Insertion {
  kNew,
  kChanged,  // known, but this telling is newer and says something else
  kKnown,    // nothing new
  kTooOld,   // older than the ledger remembers; only the row's last event may have moved
};

// Not thread-safe. No I/O; time comes in through advance().
class Ledger {
 public:
  struct Options {
    std::chrono::seconds window = kinds::kActivityWindow;
    std::chrono::seconds linger{std::chrono::hours{1}};       // >= 0
    std::chrono::seconds memory{std::chrono::hours{24}};      // how far `settled` may step back without loss
    std::chrono::seconds retention{std::chrono::hours{720}};  // how long a row lives after its last event
  };

  Ledger(Options options, TimePoint now);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Idempotent. O(log n).
  Insertion insert(const Event& event);

  // A row's last event, known without the event itself (from a snapshot of a ledger that has forgotten it).
  void remember_last(RepoId repo, std::string_view user, TimePoint at);

  // Moves the windows to `now`, in either direction. Cost: the events that enter or leave; of a step of more than an
  // hour, everything there is. What is older than `settled` allows (<= now: what has passed by every clock) is
  // forgotten, and that is never taken back; a ledger that is never told does it by `now`.
  void advance(TimePoint now) { advance(now, now); }
  void advance(TimePoint now, TimePoint settled);
  [[nodiscard]] TimePoint now() const;

  // The rows whose numbers changed since the last call, each once. A row whose last event left retention is told one
  // last time (nothing exported, no last event); its index is reused when that is settled.
  std::vector<RowIndex> take_changed();

  [[nodiscard]] Row row(RowIndex index) const;
  [[nodiscard]] std::optional<RowIndex> find_row(RepoId repo, std::string_view user) const;

  // Whether this event was told before, whatever it said then.
  [[nodiscard]] bool contains(const Event& event) const;

  // Every event the ledger still knows, and every last event whose event it has forgotten, in no particular order.
  // Telling all of it to an empty ledger gives the same numbers at the same instant.
  void for_each_event(const std::function<void(const Event&)>& visit) const;
  void for_each_forgotten(const std::function<void(RepoId, std::string_view user, TimePoint at)>& visit) const;

  [[nodiscard]] std::size_t event_count() const;
  [[nodiscard]] std::size_t row_count() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ghstats::ledger
