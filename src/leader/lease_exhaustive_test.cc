// Every history of a small world, up to a number of seconds: what may happen next, happens, in every order.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "leader/lease_fsm.h"
#include "leader/testing/lease_place.h"

namespace ghstats::leader {

// Tells states apart that decide differently later. Versions and times of renewal are only compared with each other, so
// they are told relative to the oldest in use: two passes over a state, the first one finds it.
class LeaseFsmInspection {
 public:
  void put(std::int64_t number) {
    if (!second_pass_) return;
    text_ += std::to_string(number);
    text_ += ',';
  }
  // What is over is over, however long ago.
  void put(SteadyPoint point, SteadyPoint now) { put(point <= now ? 0 : (point - now) / std::chrono::milliseconds{1}); }
  void put_version(std::int64_t version) { put_relative(version, oldest_version_); }
  void put(const LeaseRecord& record) {
    if (second_pass_) text_ += record.holder + ';';
    put_relative(record.renewed.time_since_epoch() / std::chrono::microseconds{1}, oldest_renewal_);
    put(record.transitions);
  }
  void put(const LeaseObject& object) {
    put(object.record);
    put_version(std::stoi(object.version));
  }
  void put(const LeaseStep& request) {
    put(static_cast<std::int64_t>(request.index()));
    if (const auto* create = std::get_if<CreateLease>(&request)) put(create->record);
    if (const auto* update = std::get_if<UpdateLease>(&request)) {
      put_version(std::stoi(update->base.version));
      put(update->record);
    }
  }
  void put(const Result<LeaseObject>& answer) {
    if (answer) return put(*answer);
    put(answer.error().code == ErrorCode::kNotFound ? 1 : 0);
  }
  void put(const LeaseFsm& fsm, SteadyPoint now) {
    put(static_cast<std::int64_t>(fsm.todo_));
    put(fsm.next_at_, now);
    put(fsm.not_before_, now);
    if (fsm.leads_until_) {
      put(*fsm.leads_until_, now);
      put(fsm.round_began_ + fsm.options_.retry_period, now);
      put(fsm.looked_ ? 1 : 0);
    }
    if (fsm.observed_) {
      put(fsm.observed_->object);
      put(fsm.expiry(), now);
    }
    if (fsm.request_ && fsm.request_->write && fsm.request_->counts) {
      put(fsm.request_->sent + fsm.options_.renew_deadline, now);
    }
  }

  void begin_second_pass() { second_pass_ = true; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void put_relative(std::int64_t number, std::int64_t& oldest) {
    if (!second_pass_) oldest = std::min(oldest, number);
    put(number - oldest);
  }

  bool second_pass_ = false;
  std::int64_t oldest_version_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t oldest_renewal_ = std::numeric_limits<std::int64_t>::max();
  std::string text_;
};

namespace {

using testing::LeasePlace;
using namespace std::chrono_literals;

// A tolerance of 3:2, which the clocks use up.
const LeaseOptions kOptions{.identity = {}, .lease_duration = 3s, .renew_deadline = 2s, .retry_period = 1s};
constexpr std::chrono::milliseconds kSlow = 1s;
constexpr std::chrono::milliseconds kFast = 1500ms;

struct Process {
  LeaseFsm fsm;
  std::chrono::milliseconds rate{0};  // of its clock, in each second
  bool asked = false;                 // a request is under way, for all it knows
  std::optional<LeaseStep> under_way = {};
  std::optional<Result<LeaseObject>> answer = {};  // under way, too
  bool wrote = false;                              // what this answers
  std::optional<LeaseStep> stray = {};             // a write that it gave up and that has not arrived yet
};

bool is_writing(const Process& process) {
  if (process.under_way) return !std::holds_alternative<GetLease>(*process.under_way);
  return process.wrote;
}

struct World {
  int second = 0;
  int losses = 0;
  int crashes = 0;
  int superseded = 0;
  LeasePlace place = {};
  std::vector<Process> processes = {};

  [[nodiscard]] SteadyPoint local(std::size_t i) const {
    return SteadyPoint{std::chrono::hours{1 + 100 * i}} + second * processes[i].rate;
  }
};

struct Bounds {
  int seconds = 0;
  bool late_reads = false;  // otherwise a lease is read in one moment
  int losses = 0;           // writes, or their answers, that were lost or came after they were given up
  int crashes = 0;
  int superseded = 0;
};

class Search {
 public:
  explicit Search(Bounds bounds) : bounds_(bounds) {}

  // Visits everything that may come of a world that begins with these clocks.
  void run(const std::vector<std::chrono::milliseconds>& rates) {
    World begin;
    for (const auto rate : rates) begin.processes.push_back({born(begin.processes.size(), 0), rate});
    act(std::move(begin), 0, rates.size());
    while (!unfinished_.empty() && !two_led_) {
      const World world = std::move(unfinished_.back());
      unfinished_.pop_back();
      expand(world);
    }
  }

  [[nodiscard]] std::size_t states() const { return seen_.size(); }
  [[nodiscard]] bool two_led() const { return two_led_; }
  [[nodiscard]] std::size_t led() const { return led_.size(); }

 private:
  // No process has the identity of another one, before or later.
  static LeaseFsm born(std::size_t i, int crashes) {
    LeaseOptions options = kOptions;
    options.identity = std::string(1, static_cast<char>((crashes == 0 ? 'a' : 'A') + static_cast<char>(i)));
    return LeaseFsm{options};
  }

  void visit(World world) {
    int leaders = 0;
    for (std::size_t i = 0; i < world.processes.size(); ++i) {
      if (!world.processes[i].fsm.leads(world.local(i))) continue;
      ++leaders;
      led_.insert(world.processes[i].fsm.observed()->record.holder);
    }
    two_led_ = two_led_ || leaders > 1;
    if (seen_.insert(key(world)).second) unfinished_.push_back(std::move(world));
  }

  static std::size_t key(const World& world) {
    LeaseFsmInspection inspection;
    describe(world, inspection);
    inspection.begin_second_pass();
    describe(world, inspection);
    return std::hash<std::string>{}(inspection.text());
  }

  static void describe(const World& world, LeaseFsmInspection& inspection) {
    for (const int number : {world.second, world.losses, world.crashes, world.superseded}) inspection.put(number);
    inspection.put_version(world.place.version);
    if (world.place.record) inspection.put(*world.place.record);
    for (std::size_t i = 0; i < world.processes.size(); ++i) {
      const Process& process = world.processes[i];
      inspection.put((process.asked ? 8 : 0) + (process.under_way ? 4 : 0) + (process.answer ? 2 : 0) +
                     (process.stray ? 1 : 0));
      inspection.put(process.fsm, world.local(i));
      if (process.under_way) inspection.put(*process.under_way);
      if (process.answer) inspection.put(*process.answer);
      if (process.stray) inspection.put(*process.stray);
    }
  }

  // What processes do by themselves does not depend on each other, so it is done in their order, and only when time has
  // passed or a request arrived: all other orders end in the same worlds.
  void expand(const World& world) {
    if (world.second < bounds_.seconds) {
      World next = world;
      ++next.second;
      for (std::size_t i = 0; i < next.processes.size(); ++i) next.processes[i].fsm.on_time(next.local(i));
      act(std::move(next), 0, world.processes.size());
    }
    for (std::size_t i = 0; i < world.processes.size(); ++i) {
      arrive(world, i);
      if (world.processes[i].stray) {
        World next = world;
        (void)next.place.serve(*std::exchange(next.processes[i].stray, std::nullopt));
        visit(std::move(next));
      }
    }
  }

  void arrive(const World& world, std::size_t i) {
    if (!world.processes[i].under_way) return;
    World next = world;
    Process& process = next.processes[i];
    process.answer = next.place.serve(*process.under_way);
    process.wrote = is_writing(process);
    process.under_way.reset();
    if (process.wrote || bounds_.late_reads) return act(std::move(next), i, i + 1);
    hear(next, i);
    act(std::move(next), i, i + 1);
  }

  // Processes from `first` on, before `last`, do each what they may, or nothing: a pause is to do nothing for long.
  void act(World world, std::size_t first, std::size_t last) {
    if (first == last) return visit(std::move(world));
    act(world, first + 1, last);
    const Process& process = world.processes[first];
    if (process.answer) {
      World next = world;
      hear(next, first);
      act(std::move(next), first, last);
    }
    // A read that fails is as one that is begun later.
    if (world.losses < bounds_.losses && process.asked && is_writing(process)) {
      World next = give_up(world, first);
      ++next.losses;
      next.processes[first].fsm.on_answer(fail(ErrorCode::kCancelled, {}), next.local(first), 0);
      act(std::move(next), first, last);
    }
    if (world.crashes < bounds_.crashes && world.second > 0) {
      World next = give_up(world, first);
      ++next.crashes;
      next.processes[first].fsm = born(first, next.crashes);
      act(std::move(next), first, last);
    }
    if (world.superseded < bounds_.superseded && process.fsm.leads(world.local(first))) {
      World next = world;
      ++next.superseded;
      next.processes[first].fsm.superseded(next.local(first), 0);
      act(std::move(next), first, last);
    }
    if (!process.asked) ask(std::move(world), first, last);
  }

  void ask(World world, std::size_t i, std::size_t last) {
    Process& process = world.processes[i];
    LeaseStep step = process.fsm.next(world.local(i), TimePoint{});  // a wall clock that stands still
    if (std::holds_alternative<WaitUntil>(step)) return;
    process.asked = true;
    process.under_way = std::move(step);
    act(std::move(world), i, last);
  }

  static void hear(World& world, std::size_t i) {
    Process& process = world.processes[i];
    process.asked = false;
    process.fsm.on_answer(*std::exchange(process.answer, std::nullopt), world.local(i), 0);
  }

  // The request under way, or its answer, is lost or late.
  static World give_up(World world, std::size_t i) {
    Process& process = world.processes[i];
    process.asked = false;
    process.answer.reset();
    std::optional<LeaseStep> lost = std::exchange(process.under_way, std::nullopt);
    if (lost && !std::holds_alternative<GetLease>(*lost)) process.stray = std::move(lost);
    return world;
  }

  const Bounds bounds_;
  std::vector<World> unfinished_;
  std::unordered_set<std::size_t> seen_;
  std::unordered_set<std::string> led_;
  bool two_led_ = false;
};

// Whether never two lead; also that it was no empty search.
void expect_one_leader(const Bounds& bounds, const std::vector<std::chrono::milliseconds>& rates, std::size_t leaders) {
  Search search(bounds);
  search.run(rates);
  EXPECT_FALSE(search.two_led());
  EXPECT_EQ(search.led(), leaders) << "how many processes have led in some history";
  EXPECT_GT(search.states(), 10'000);
}

TEST(LeaseExhaustive, OneLeadsThoughAWriteIsLostOrLate) {
  expect_one_leader({.seconds = 3, .losses = 1}, {kSlow, kFast}, 2);
}

TEST(LeaseExhaustive, OneLeadsThoughReadsAreOld) {
  expect_one_leader({.seconds = 4, .late_reads = true}, {kSlow, kFast}, 2);
}

TEST(LeaseExhaustive, OneLeadsThoughAProcessDiesAndIsReplaced) {
  expect_one_leader({.seconds = 3, .crashes = 1}, {kSlow, kFast}, 4);
}

TEST(LeaseExhaustive, OneLeadsThoughItWasSuperseded) {
  expect_one_leader({.seconds = 4, .superseded = 1}, {kSlow, kFast}, 2);
}

TEST(LeaseExhaustive, OneOfThreeLeads) {
  expect_one_leader({.seconds = 2}, {kSlow, kFast, kFast}, 3);
}

TEST(LeaseExhaustive, TwoLeadWhereClocksDifferTooMuch) {
  Search search({.seconds = 3});
  search.run({kSlow, 3 * kSlow});
  EXPECT_TRUE(search.two_led()) << "the search finds nothing";
}

}  // namespace
}  // namespace ghstats::leader
