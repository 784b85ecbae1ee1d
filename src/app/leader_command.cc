#include "app/leader_command.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <functional>
#include <optional>
#include <utility>

#include "app/election.h"
#include "app/exit_codes.h"
#include "app/leader_notices.h"
#include "async/deadline.h"
#include "async/task_group.h"
#include "base/time_format.h"
#include "store/redis/admission.h"

namespace ghstats::app {
namespace {

using async::Task;
namespace json = boost::json;

// What was found out; an error where it could not be.
struct Findings {
  std::string place;                                 // of the lease; empty: no election
  std::optional<Result<leader::LeaseObject>> lease;  // absent: no election
  std::optional<Result<KnownLeaderships>> known;     // absent: no Redis
};

// "2026-11-29T16:00:00Z (3m20s ago)"
std::string instant(TimePoint at, TimePoint now) {
  const auto age = std::chrono::floor<std::chrono::seconds>(now - at);
  return age.count() < 0 ? format_rfc3339(at) : fmt::format("{} ({} ago)", format_rfc3339(at), format_duration(age));
}

std::string row(std::string_view name, std::string_view value) {
  return fmt::format("{:<14}{}\n", name, value);
}

std::string lease_rows(const Findings& found, TimePoint now) {
  std::string out = row("election", found.place);
  if (!*found.lease) return out + row("lease", found.lease->error().message);
  const leader::LeaseRecord& record = (*found.lease)->record;
  out += row("leader", record.holder.empty() ? "nobody: the lease was given back" : record.holder);
  if (record.holder.empty()) return out;
  out += row("since", instant(record.acquired, now));
  out += row("renewed", instant(record.renewed, now));
  out += row("lasts", fmt::format("{} without renewal", format_duration(Duration{record.duration})));
  return out + row("transitions", fmt::to_string(record.transitions));
}

std::string store_rows(const Result<KnownLeaderships>& known, TimePoint now) {
  if (!known) return row("store", known.error().message);
  std::string out;
  if (known->current) {
    out += row("writer", fmt::format("{}, epoch {}, since {}", known->current->replica, known->current->epoch,
                                     instant(known->current->began, now)));
  } else {
    out += row("writer", "nobody writes as a leader");
  }
  if (known->last) {
    out +=
        row("last ended", fmt::format("{}, epoch {}, {}: {}", known->last->replica, known->last->epoch,
                                      instant(known->last->ended.value_or(known->last->began), now), known->last->why));
  }
  return out;
}

json::object lease_object(const Findings& found) {
  json::object out{{"place", found.place}};
  if (!*found.lease) {
    out["error"] = found.lease->error().message;
    return out;
  }
  const leader::LeaseRecord& record = (*found.lease)->record;
  out["leader"] = record.holder.empty() ? json::value(nullptr) : json::value(record.holder);
  out["since"] = format_rfc3339(record.acquired);
  out["renewed"] = format_rfc3339(record.renewed);
  out["lease_duration_seconds"] = record.duration.count();
  out["transitions"] = record.transitions;
  return out;
}

json::value leadership_object(const std::optional<LeadershipNotice>& notice) {
  if (!notice) return nullptr;
  json::object out{{"replica", notice->replica}, {"epoch", notice->epoch}, {"since", format_rfc3339(notice->began)}};
  if (notice->ended) out["ended"] = format_rfc3339(*notice->ended);
  if (notice->ended) out["why"] = notice->why;
  return out;
}

std::string as_json(const Findings& found) {
  json::object out;
  if (found.lease) out["election"] = lease_object(found);
  if (found.known && *found.known) {
    out["writer"] = leadership_object((*found.known)->current);
    out["last"] = leadership_object((*found.known)->last);
  }
  if (found.known && !*found.known) out["store_error"] = found.known->error().message;
  return json::serialize(out) + "\n";
}

bool somebody_leads(const Findings& found) {
  if (found.lease && *found.lease && !(*found.lease)->record.holder.empty()) return true;
  return found.known && *found.known && (*found.known)->current;
}

class LeaderCommand {
 public:
  LeaderCommand(const config::Config& config, kube::Environment variables, std::chrono::nanoseconds patience)
      : config_(config),
        patience_(patience),
        environment_{.executor = io_.get_executor(),
                     .clock = clock_,
                     .replica = "leader-command",
                     .variables = std::move(variables)} {}

  Result<Findings> run() {
    auto place = LeasePlace::make(environment_, config_);
    if (!place && place.error().code == ErrorCode::kInvalidArgument) return fail(place.error());
    if (!place) {
      found_.place = "kubernetes";
      found_.lease = fail(place.error());
    } else if (*place) {
      place_ = *std::move(place);
      found_.place = place_->name();
    }
    if (config_.store.backend == config::StoreBackend::kRedis) {
      auto access = redis_access(config_.store, environment_.replica);
      if (!access) return fail(access.error());
      redis_ = std::make_unique<redis::Client>(io_.get_executor(), std::move(access->options), access->make_resolver());
    }
    async::TaskGroup tasks(io_.get_executor());
    tasks.spawn([this] { return ask(); });
    io_.run();
    return std::move(found_);
  }

 private:
  Task<> ask() {
    if (place_) {
      const std::function<Task<Result<leader::LeaseObject>>()> get = [this] { return place_->client().get(patience_); };
      found_.lease = co_await async::with_deadline<leader::LeaseObject>(get, patience_);
      co_await place_->stop();
    }
    if (redis_) {
      const std::function<Task<Result<KnownLeaderships>>()> look = [this] { return ask_store(); };
      found_.known = co_await async::with_deadline<KnownLeaderships>(look, patience_);
      co_await redis_->stop();
    }
  }

  Task<Result<KnownLeaderships>> ask_store() {
    const Status connected = co_await redis_->wait_connected(patience_);
    if (!connected) co_return fail(connected.error());
    store::RedisLink link(*redis_, {.prefix = store::redis_prefix(config_.store.redis_key_prefix)}, patience_);
    co_return co_await known_leaderships(
        [&link](std::vector<std::string> names) { return store::redis_announced(link, std::move(names)); });
  }

  const config::Config& config_;
  const std::chrono::nanoseconds patience_;
  SystemClock clock_;
  boost::asio::io_context io_;
  LeasePlaceEnvironment environment_;
  std::unique_ptr<LeasePlace> place_;
  std::unique_ptr<redis::Client> redis_;
  Findings found_;
};

}  // namespace

CommandResult leader_command(const CommandLine& line, const config::Config& config, kube::Environment variables,
                             std::chrono::nanoseconds patience) {
  if (!config.leader_election.enabled && config.store.backend != config::StoreBackend::kRedis) {
    return {kExitUnusableConfiguration, "",
            "leader_election.enabled: is false, and store.backend is memory: each process leads by itself\n"};
  }
  const auto found = LeaderCommand(config, std::move(variables), patience).run();
  if (!found) return {kExitUnusableConfiguration, "", found.error().message + "\n"};
  const TimePoint now = SystemClock().now();
  std::string text;
  if (line.queue.json) {
    text = as_json(*found);
  } else {
    if (found->lease) text += lease_rows(*found, now);
    if (found->known) text += store_rows(*found->known, now);
  }
  if (somebody_leads(*found)) return {kExitOk, std::move(text), ""};
  return {kExitFailure, "", std::move(text)};
}

}  // namespace ghstats::app
