// Which of the jobs in hand run: decisions without I/O.
#pragma once

#include <chrono>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backfill/job.h"
#include "base/clock.h"
#include "base/duration.h"
#include "queue/job_queue.h"

namespace ghstats::backfill {

struct LaneLimits {
  std::size_t jobs = 2;          // in work at a time; >= 1
  std::size_t jobs_per_org = 1;  // of them, of one organisation; >= 1
  // How long a job may hold its place while its organisation has to wait, and how long a lane may stand still before
  // those who wait in it go back.
  Duration patience = std::chrono::minutes{1};
  // How long a job may be in work at a time. RabbitMQ takes back what is in hand for half an hour, with all else that
  // this consumer holds (consumer_timeout); in that time a job may have waited for the places of two others.
  Duration longest_work = std::chrono::minutes{10};
};

// As many jobs as consumers. Among several organisations one of them leaves at least one consumer to the others,
// however long its jobs take; with one consumer there is nothing to leave.
LaneLimits lane_limits(std::size_t consumers, std::size_t orgs);

// A job in hand.
struct Assignment {
  queue::DeliveryId delivery{};
  Job job;
};

// Every organisation has a lane with `jobs_per_org` places, and all lanes share `jobs`. A job whose lane is full waits
// in hand, for its turn mostly comes soon. When nothing has happened in its lane for `patience`, it is stalled: its
// organisation's jobs take long, and those that wait in hand go back to the queue, so that what is behind them can
// come. A lane in which jobs end is not stalled, and none of its jobs goes back.
class JobLanes {
 public:
  explicit JobLanes(LaneLimits limits) : limits_(limits) {}

  // How many deliveries a consumer may hold.
  [[nodiscard]] std::size_t prefetch() const { return limits_.jobs + waiting_room(); }
  // Whether another delivery is of use now: a place is free, and room to wait in case its lane is full.
  [[nodiscard]] bool wants_more() const;

  void arrive(Assignment assignment);
  // The job that waits longest among those that may run; from now on it runs.
  std::optional<Assignment> start_next(SteadyPoint now);
  // A job of this organisation ended.
  void finish(const std::string& org, SteadyPoint now);

  // Takes those out that wait in a stalled lane.
  std::vector<Assignment> take_stalled(SteadyPoint now);
  // When take_stalled() has something to take, if nothing happens until then; none: nobody waits in a full lane.
  [[nodiscard]] std::optional<SteadyPoint> next_stall() const;

  [[nodiscard]] std::size_t running() const { return running_; }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Lane {
    std::size_t running = 0;
    SteadyPoint last_change;  // a job began or ended
  };
  [[nodiscard]] std::size_t waiting_room() const { return limits_.jobs_per_org < limits_.jobs ? limits_.jobs : 0; }
  // The lane of this job when it is full.
  [[nodiscard]] const Lane* full_lane(const Assignment& assignment) const;

  LaneLimits limits_;
  std::map<std::string, Lane> lanes_;  // those with running jobs, by folded name
  std::list<Assignment> waiting_;      // in the order of their arrival
  std::size_t running_ = 0;
};

}  // namespace ghstats::backfill
