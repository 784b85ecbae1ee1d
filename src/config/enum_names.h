// How the configuration spells its enumerations; the index is the enumerator's value.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "config/config.h"

namespace ghstats::config {

std::span<const std::string_view> names_of(LogLevel);
std::span<const std::string_view> names_of(LogFormat);
std::span<const std::string_view> names_of(Topology);
std::span<const std::string_view> names_of(ElectionBackend);
std::span<const std::string_view> names_of(LocSource);
std::span<const std::string_view> names_of(CollectionMode);
std::span<const std::string_view> names_of(BotPolicy);
std::span<const std::string_view> names_of(ConsumeOnLeader);
std::span<const std::string_view> names_of(StoreBackend);
std::span<const std::string_view> names_of(QueueType);
std::span<const std::string_view> names_of(RedisMode);
std::span<const std::string_view> names_of(ExportCacheMode);
std::span<const std::string_view> names_of(Readiness);
std::span<const std::string_view> names_of(UserLabelMode);
std::span<const std::string_view> names_of(TraceMode);

template <class E>
std::string_view to_string(E value)
  requires requires { names_of(value); }
{
  return names_of(value)[static_cast<std::size_t>(value)];
}

}  // namespace ghstats::config
