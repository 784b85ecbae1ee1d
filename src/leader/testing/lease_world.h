// Three replicas, a lease, a store that grants epochs, and everything that may go wrong between them: a simulation
// drawn from one random sequence.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "leader/lease_fsm.h"
#include "leader/testing/lease_place.h"

namespace ghstats::leader::testing {

struct LeaseWorldOptions {
  static constexpr std::int64_t kRateUnit = 1000;  // a clock of this rate shows real time

  LeaseOptions lease;                                                  // but for the identity
  std::array<std::int64_t, 3> rates{kRateUnit, kRateUnit, kRateUnit};  // of the replicas' clocks
  bool faults = true;
  std::uint64_t seed = 1;
};

// What happened, so that a test can see that it tested something.
struct LeaseWorldCounts {
  std::uint64_t events = 0;
  std::uint64_t leaderships = 0;
  std::map<LeadershipEnd, std::uint64_t> ends;
  std::uint64_t writes_accepted = 0;
  std::uint64_t writes_refused = 0;
  std::uint64_t woken_leaders = 0;  // resumed after their time was over
};

class LeaseWorld {
 public:
  static constexpr std::size_t kReplicas = 3;
  using Nanos = std::int64_t;  // of real time; whole microseconds, so that every local time is exact

  explicit LeaseWorld(const LeaseWorldOptions& options);

  // Lets `d` pass.
  void run(std::chrono::nanoseconds d);

  // No faults from now on: who was paused, down or dead goes on, and what was under way is lost.
  void calm_down();

  // The leader dies without a word, or ends in an orderly way. It does not come back. False: there is none.
  bool kill_leader();
  bool stop_leader();

  // Lets time pass until somebody leads, at most `longest`; how long that took.
  std::chrono::nanoseconds run_until_led(std::chrono::nanoseconds longest);

  [[nodiscard]] std::optional<std::size_t> leader() const;
  [[nodiscard]] const LeaseWorldCounts& counts() const { return counts_; }

  // The first broken promise, with its time; empty while all are kept.
  [[nodiscard]] const std::string& broken() const { return broken_; }

  bool check_exclusion = true;  // of leads(); the store's promises are always checked
  bool store_checks_epochs = true;

 private:
  enum class What {
    kWake,
    kArrive,
    kAnswer,
    kTimeout,
    kPause,
    kResume,
    kCrash,
    kStart,
    kServer,
    kCut,
    kGranting,
    kGranted,
    kWork,
    kStoreWrite,
    kRefused,
  };
  struct Event {
    Nanos at = 0;
    std::uint64_t order = 0;
    What what = What::kWake;
    std::size_t replica = 0;
    std::uint64_t process = 0;     // which of the replica's processes it is for
    std::uint64_t request = 0;     // of lease requests
    std::uint64_t leadership = 0;  // of calls to the store
    std::uint64_t epoch = 0;
    std::shared_ptr<const LeaseStep> asked = {};
    std::shared_ptr<const Result<LeaseObject>> answer = {};
    friend bool operator<(const Event& a, const Event& b) { return a.at != b.at ? b.at < a.at : b.order < a.order; }
  };
  enum class Cut { kNone, kRequests, kAnswers };  // what does not get through
  struct Replica {
    std::optional<LeaseFsm> fsm = {};  // absent: dead
    std::uint64_t process = 0;
    bool paused = false;
    Cut cut = Cut::kNone;
    bool gone = false;                // does not come back
    std::vector<Event> held_up = {};  // what came while it was paused
    std::uint64_t request = 0;        // under way; 0: none
    std::uint64_t wake = 0;           // of the wait that counts
    std::uint64_t leadership = 0;     // 0: does not lead, as far as it has noticed
    std::uint64_t ended = 0;          // LeaseFsm::leaderships_ended() when it noticed
    std::uint64_t epoch = 0;          // of that leadership; 0: not granted yet
    std::chrono::nanoseconds wall_offset{0};
  };

  [[nodiscard]] SteadyPoint local(std::size_t i) const;
  [[nodiscard]] TimePoint wall(std::size_t i) const;
  [[nodiscard]] Nanos when(std::size_t i, SteadyPoint point) const;
  std::int64_t draw(std::int64_t from, std::int64_t to);
  bool chance(double probability);
  Nanos delay();
  void schedule(Event event, Nanos in);
  void schedule_faults(std::size_t i);
  void handle(const Event& event);
  void handle_in_process(const Event& event);
  void start(std::size_t i);
  void end_process(std::size_t i);
  void pause(std::size_t i);
  void resume(std::size_t i);
  void stop(std::size_t i);
  void drive(std::size_t i);
  void send(std::size_t i, const LeaseStep& step);
  void notice(std::size_t i);
  void arrive(const Event& event);
  void work(const Event& event);
  void store_write(const Event& event);
  void check();
  void break_promise(std::string what);

  const LeaseWorldOptions options_;
  std::mt19937_64 random_;
  Nanos now_ = 0;
  std::uint64_t last_id_ = 0;
  bool faults_;
  bool server_up_ = true;
  LeasePlace place_;
  std::array<Replica, kReplicas> replicas_;
  std::priority_queue<Event> events_;
  std::uint64_t epoch_ = 0;        // the newest that the store granted
  std::uint64_t last_writer_ = 0;  // leadership of the last accepted write
  std::set<std::uint64_t> past_writers_;
  LeaseWorldCounts counts_;
  std::string broken_;
};

}  // namespace ghstats::leader::testing
