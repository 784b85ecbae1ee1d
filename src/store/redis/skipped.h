// What a reader leaves out of what Redis holds, because it cannot make sense of it. The rest is served.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace ghstats::store {

struct SkippedItem {
  enum class Reason : std::uint8_t {
    kUnknown,  // of a later version of this program, which keeps more
    kDamaged,  // of nobody
  };
  Reason reason{};
  std::string_view what = {};  // "event", "feed item"; lives for ever
  std::string where = {};      // for people: its key, repository or letter
};

inline std::string_view to_string(SkippedItem::Reason reason) {
  return reason == SkippedItem::Reason::kUnknown ? "unknown" : "damaged";
}

// What is skipped, by name.
inline constexpr std::string_view kFeedItem = "item of the change feed";
inline constexpr std::string_view kEventItem = "event";
inline constexpr std::string_view kLocItem = "lines of code";
inline constexpr std::string_view kNameItem = "repository name";
inline constexpr std::string_view kRowItem = "last event";
inline constexpr std::string_view kValueItem = "value set";
inline constexpr std::string_view kTotalItem = "counter";
inline constexpr std::string_view kRepositoryItem = "repository";

// Must not wait.
using OnSkipped = std::function<void(const SkippedItem&)>;

}  // namespace ghstats::store
