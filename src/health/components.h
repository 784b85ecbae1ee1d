// What this replica depends on, one row each, and how each of them is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "metrics/series.h"

namespace ghstats::health {

// In the order of /healthz.
enum class Component : std::uint8_t {
  kRedis,          // the shared store; not used with store.backend "memory"
  kAmqp,           // RabbitMQ; not used without amqp.url
  kScheduler,      // the leader's collection cycles; not used on a follower
  kGitHubClient,   // credentials and client of every organisation are usable; not used on a follower without consumers
  kConsumer,       // backfill workers; not used where none run
  kExporterCache,  // the view that /metrics is made from
  kGitHub,         // GitHub as a whole is not in its cooldown (contract.md section 5)
  kGitHubApiCore,
  kCopilotOrgReports,
  kCopilotOrgUserReports,
  kCopilotEnterpriseReports,
  kCopilotEnterpriseUserReports,
  kCopilotReportDownload,
};
inline constexpr std::size_t kComponents = 13;

struct ComponentInfo {
  Component id{};
  std::string_view name;        // in /healthz
  std::string_view dependency;  // label of gh_exporter_dependency_health; empty: no such series
  std::string_view fallback;    // label of gh_exporter_fallback_active; empty: has no fallback
  bool only_full = false;       // shown by /healthz?full=1 only
};

// Indexed by Component.
std::span<const ComponentInfo, kComponents> components();
const ComponentInfo& info(Component component);

// A component that this configuration or role does not use counts as healthy everywhere and says so in the details:
// nothing is wrong with what nobody needs. A used one is not healthy before its first success.
struct ComponentStatus {
  bool used = false;
  bool healthy = true;    // what /healthz says; true when not used
  bool fallback = false;  // something else does its work meanwhile
  TimePoint since;        // of `used` and `healthy` as they are
  std::optional<TimePoint> last_success;
  std::optional<TimePoint> last_error_at;
  std::string last_error;  // for people; kept after recovery; empty when there was none
};

using ComponentStatuses = std::array<ComponentStatus, kComponents>;  // indexed by Component

// The truth about the components of this replica. Nothing is used at first. All calls on one thread.
class ComponentTable {
 public:
  explicit ComponentTable(TimePoint now);

  // A role or configuration starts or stops needing it. Starting: not healthy until the first success, even if it was
  // healthy in an earlier use. No effect when nothing changes.
  void set_used(Component component, bool used, TimePoint now);

  // The outcome of using it. kCancelled says nothing and is ignored. The message must hold no secret. While the
  // component is not used it is remembered as last success or error and changes nothing else.
  void report(Component component, const Status& outcome, TimePoint now);

  // Only for components whose info() names a fallback; the others ignore it.
  void set_fallback(Component component, bool active);

  [[nodiscard]] const ComponentStatus& status(Component component) const;
  [[nodiscard]] const ComponentStatuses& statuses() const { return statuses_; }

 private:
  ComponentStatuses statuses_;
};

// This replica's gh_exporter_dependency_health and gh_exporter_fallback_active, one sample for every label of the
// table.
std::vector<metrics::Sample> component_samples(const ComponentStatuses& statuses);

}  // namespace ghstats::health
