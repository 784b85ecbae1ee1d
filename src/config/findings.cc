#include "config/findings.h"

#include <algorithm>
#include <utility>

namespace ghstats::config {

Position Findings::position_of(std::string_view path) const {
  while (!path.empty()) {
    if (const auto known = positions_.find(path); known != positions_.end()) return known->second;
    const auto cut = path.find_last_of(".[");
    path = cut == std::string_view::npos ? "" : path.substr(0, cut);
  }
  return {1, 1};
}

void Findings::report(const std::string& path, std::string message) {
  report_at(position_of(path), path, std::move(message));
}

void Findings::report_at(Position position, const std::string& path, std::string message) {
  failed_.insert(path);
  problems_.add(position, path, std::move(message));
}

bool Findings::are_sound(std::initializer_list<std::string_view> paths) const {
  return std::ranges::none_of(paths, [&](std::string_view path) { return failed_.contains(path); });
}

}  // namespace ghstats::config
