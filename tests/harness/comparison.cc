#include "harness/comparison.h"

#include "base/time_format.h"

namespace ghstats::harness {

std::map<std::string, double> activity_and_lines(const std::map<std::string, double>& samples, TimePoint now) {
  std::map<std::string, double> out;
  for (const auto& [series, value] : samples) {
    if (!series.starts_with("gh_activity_")) continue;
    const bool last_event = series.starts_with("gh_activity_last_event_unixtime");
    if (last_event && value <= static_cast<double>(to_unix_seconds(now - std::chrono::hours{25}))) continue;
    out[series] = value;
  }
  return out;
}

std::map<std::string, double> activity(const std::map<std::string, double>& samples, TimePoint now) {
  auto out = activity_and_lines(samples, now);
  std::erase_if(out, [](const auto& sample) { return sample.first.starts_with("gh_activity_loc_"); });
  return out;
}

std::map<std::string, double> of_repository(const std::map<std::string, double>& samples,
                                            const std::string& full_name) {
  const std::size_t slash = full_name.find('/');
  const std::string labels =
      "{org=\"" + full_name.substr(0, slash) + "\",repo=\"" + full_name.substr(slash + 1) + "\",";
  std::map<std::string, double> out;
  for (const auto& sample : samples) {
    if (sample.first.find(labels) != std::string::npos) out.insert(sample);
  }
  return out;
}

std::string differences(const std::map<std::string, double>& page, const std::map<std::string, double>& truth) {
  std::string out;
  for (const auto& [series, value] : truth) {
    const auto it = page.find(series);
    if (it == page.end()) {
      out += "missing: " + series + " " + std::to_string(value) + "\n";
    } else if (it->second != value) {
      out += "wrong: " + series + " is " + std::to_string(it->second) + ", must be " + std::to_string(value) + "\n";
    }
  }
  for (const auto& [series, value] : page) {
    if (!truth.contains(series)) out += "too many: " + series + " " + std::to_string(value) + "\n";
  }
  return out;
}

}  // namespace ghstats::harness
