#include "config/enum_names.h"

#include <array>

namespace ghstats::config {
namespace {

template <class... Names>
constexpr auto list(Names... names) {
  return std::array<std::string_view, sizeof...(names)>{names...};
}

constexpr auto kLogLevels = list("debug", "info", "warn", "error");
constexpr auto kLogFormats = list("json", "text");
constexpr auto kTopologies = list("single_service_target");
constexpr auto kElectionBackends = list("kubernetes", "redis");
constexpr auto kLocSources = list("stats_contributors", "commit_history");
constexpr auto kCollectionModes = list("auto", "changes", "sweep");
constexpr auto kBotPolicies = list("include", "exclude");
constexpr auto kConsumeOnLeader = list("auto", "always", "never");
constexpr auto kStoreBackends = list("memory", "redis");
constexpr auto kQueueTypes = list("classic", "quorum");
constexpr auto kRedisModes = list("standalone", "sentinel");
constexpr auto kExportCacheModes = list("incremental", "full");
constexpr auto kReadiness = list("serve", "strict");
constexpr auto kUserLabelModes = list("login", "id", "hashed", "none");
constexpr auto kTraceModes = list("off", "errors", "sampled", "detailed");

}  // namespace

std::span<const std::string_view> names_of(LogLevel) {
  return kLogLevels;
}
std::span<const std::string_view> names_of(LogFormat) {
  return kLogFormats;
}
std::span<const std::string_view> names_of(Topology) {
  return kTopologies;
}
std::span<const std::string_view> names_of(ElectionBackend) {
  return kElectionBackends;
}
std::span<const std::string_view> names_of(LocSource) {
  return kLocSources;
}
std::span<const std::string_view> names_of(CollectionMode) {
  return kCollectionModes;
}
std::span<const std::string_view> names_of(BotPolicy) {
  return kBotPolicies;
}
std::span<const std::string_view> names_of(ConsumeOnLeader) {
  return kConsumeOnLeader;
}
std::span<const std::string_view> names_of(StoreBackend) {
  return kStoreBackends;
}
std::span<const std::string_view> names_of(QueueType) {
  return kQueueTypes;
}
std::span<const std::string_view> names_of(RedisMode) {
  return kRedisModes;
}
std::span<const std::string_view> names_of(ExportCacheMode) {
  return kExportCacheModes;
}
std::span<const std::string_view> names_of(Readiness) {
  return kReadiness;
}
std::span<const std::string_view> names_of(UserLabelMode) {
  return kUserLabelModes;
}
std::span<const std::string_view> names_of(TraceMode) {
  return kTraceModes;
}

}  // namespace ghstats::config
