#include "leader/lease_elector.h"

#include <fmt/core.h>

#include <utility>
#include <variant>

#include "async/task_group.h"

namespace ghstats::leader {

using async::Task;

namespace {

// Who holds it since when: what stays the same while a lease is renewed.
bool same_holder(const std::optional<LeaseRecord>& a, const std::optional<LeaseRecord>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->holder == b->holder && a->acquired == b->acquired && a->transitions == b->transitions;
}

bool same_kind(const std::optional<Error>& a, const std::optional<Error>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->code == b->code;
}

}  // namespace

LeaseElector::LeaseElector(LeaseOptions options, LeaseElectorEnvironment environment)
    : options_(std::move(options)),
      environment_(std::move(environment)),
      fsm_(options_),
      changed_(environment_.executor),
      deadline_moved_(environment_.executor) {}

bool LeaseElector::leads() const {
  return fsm_.leads(environment_.clock.steady_now());
}

Task<> LeaseElector::run() {
  async::TaskGroup tasks(environment_.executor);
  tasks.spawn([this] { return take_part(); });
  tasks.spawn([this] { return keep_time(); });
  co_await tasks.join();
  fsm_.resign(environment_.clock.steady_now());
  publish();
}

Task<> LeaseElector::take_part() {
  for (;;) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    LeaseStep step = fsm_.next(environment_.clock.steady_now(), environment_.clock.now());
    publish();
    co_await take_step(std::move(step));
    publish();
  }
}

// Apart from the requests, so that none of them can hold it up.
Task<> LeaseElector::keep_time() {
  for (;;) {
    const std::uint64_t seen = deadline_moved_.version();
    std::optional<std::chrono::nanoseconds> left;
    if (deadline_) left = *deadline_ - environment_.clock.steady_now();
    const Status waited = co_await environment_.wait(deadline_moved_, seen, left);
    if (!waited && waited.error().code == ErrorCode::kCancelled) co_return;
    fsm_.on_time(environment_.clock.steady_now());
    publish();
  }
}

// kCancelled only.
Task<Status> LeaseElector::take_step(LeaseStep step) {
  if (const auto* wait = std::get_if<WaitUntil>(&step)) {
    co_return co_await environment_.sleep(wait->until - environment_.clock.steady_now());
  }
  const Result<LeaseObject> answer = co_await send(std::move(step));
  fsm_.on_answer(answer, environment_.clock.steady_now(), environment_.random());
  if (!answer && answer.error().code == ErrorCode::kCancelled) co_return fail(answer.error());
  co_return Status{};
}

Task<Result<LeaseObject>> LeaseElector::send(LeaseStep step) {
  LeaseClient& client = environment_.client;
  if (auto* update = std::get_if<UpdateLease>(&step)) {
    co_return co_await client.update(std::move(update->base), std::move(update->record), update->timeout);
  }
  if (auto* create = std::get_if<CreateLease>(&step)) {
    co_return co_await client.create(std::move(create->record), create->timeout);
  }
  co_return co_await client.get(std::get<GetLease>(step).timeout);
}

Task<Status> LeaseElector::release() {
  fsm_.resign(environment_.clock.steady_now());
  for (;;) {
    LeaseStep step = fsm_.next(environment_.clock.steady_now(), environment_.clock.now());
    if (std::holds_alternative<NothingLeft>(step)) break;
    const Status taken = co_await take_step(std::move(step));
    if (!taken) co_return taken;
  }
  if (fsm_.given_back()) co_return Status{};
  const Error late{ErrorCode::kTimeout, "it was written by others each time"};
  co_return fail(fsm_.trouble().value_or(late).with_context("release the lease"));
}

void LeaseElector::superseded(const Error& why) {
  superseded_by_ = why.message;
  fsm_.superseded(environment_.clock.steady_now(), environment_.random());
  publish();
}

Election LeaseElector::election() const {
  Election seen = told_;
  seen.leads = leads();
  if (const LeaseObject* object = fsm_.observed()) seen.record = object->record;
  seen.trouble = fsm_.trouble();
  seen.errors = fsm_.errors();
  return seen;
}

void LeaseElector::publish() {
  if (fsm_.leaderships_ended() != ended_) {
    ended_ = fsm_.leaderships_ended();
    told_.last_end = describe_end();
  }
  Election seen = election();
  if (seen.record && (!told_.record || told_.record->holder != seen.record->holder)) {
    seen.holder_seen = environment_.clock.now();
  }
  const Election before = std::exchange(told_, std::move(seen));
  if (deadline_ != fsm_.leads_until()) {
    deadline_ = fsm_.leads_until();
    deadline_moved_.bump();
  }
  if (!same_kind(before.trouble, told_.trouble)) log_trouble(told_.trouble);
  if (before.leads != told_.leads) changed_.bump();
  if (before.leads != told_.leads || !same_holder(before.record, told_.record) ||
      !same_kind(before.trouble, told_.trouble)) {
    environment_.on_change(told_);
  }
}

void LeaseElector::log_trouble(const std::optional<Error>& trouble) const {
  if (trouble) {
    environment_.logger.warn("election cannot go on", {{"error", trouble->message}, {"leads", told_.leads}});
  } else {
    environment_.logger.info("election goes on");
  }
}

std::string LeaseElector::describe_end() const {
  const LeaseObject* object = fsm_.observed();
  switch (fsm_.last_end().value_or(LeadershipEnd::kResigned)) {
    case LeadershipEnd::kDeadline:
      return fmt::format("the lease was not renewed within {}: {}", format_duration(options_.renew_deadline),
                         fsm_.trouble() ? fsm_.trouble()->message : "no answer in time");
    case LeadershipEnd::kLost:
      if (object == nullptr || object->record.holder == options_.identity) return "the lease was deleted";
      if (object->record.holder.empty()) return "the lease was cleared";
      return fmt::format("the lease is held by '{}'", object->record.holder);
    case LeadershipEnd::kSuperseded:
      return superseded_by_;
    case LeadershipEnd::kResigned:
      return "this replica does not take part any more";
  }
  std::unreachable();
}

}  // namespace ghstats::leader
