#include "sim/copilot/usage_text.h"

#include <fmt/format.h>

#include <iterator>

namespace ghstats::sim::copilot {
namespace {

constexpr std::string_view kDaySlot = "0000-00-00";

constexpr std::string_view boolean(bool value) {
  return value ? "true" : "false";
}

// Who is "others" has no version.
std::string versions_of(std::string_view ide) {
  if (ide == "others") return {};
  return fmt::format(
      R"(,"last_known_ide_version":{{"ide_version":"1.85.0","sampled_at":"{0}T00:00:02.000Z"}})"
      R"(,"last_known_plugin_version":{{"plugin":"copilot-chat","plugin_version":"0.32.1","sampled_at":"{0}T00:00:02.000Z"}})",
      kDaySlot);
}

void append_rows(std::string& out, const ArrayShape& shape, const Rows& rows, bool of_user) {
  fmt::format_to(std::back_inserter(out), R"("{}":[)", shape.name);
  bool first = true;
  for (const auto& [labels, counters] : rows) {
    fmt::format_to(std::back_inserter(out), R"({}{{"{}":"{}",)", first ? "" : ",", shape.first, labels.first);
    if (!shape.second.empty()) {
      fmt::format_to(std::back_inserter(out), R"("{}":"{}",)", shape.second, labels.second);
    }
    append_counters(out, counters, shape.interactions);
    if (of_user && shape.first == "ide") out += versions_of(labels.first);
    out += '}';
    first = false;
  }
  out += "],";
}

void append_arrays(std::string& out, const Arrays& arrays, bool of_user) {
  for (std::size_t i = 0; i < arrays.size(); ++i) append_rows(out, kArrays[i], arrays[i], of_user);
}

void append_flags(std::string& out, const Usage& usage) {
  const auto used = [&](unsigned way) { return boolean((usage.active & way) != 0); };
  // Nobody knows of people without an organisation's licence for reviews.
  const auto review = [&](unsigned way) { return usage.active == 0 ? "null" : used(way); };
  fmt::format_to(std::back_inserter(out),
                 R"("used_agent":{},"used_chat":{},"used_cli":{},"used_copilot_coding_agent":{},)"
                 R"("used_copilot_cloud_agent":{},"used_copilot_code_review_active":{},)"
                 R"("used_copilot_code_review_passive":{},"used_copilot_app":{},)",
                 used(kAgent), used(kChat), used(kCli), used(kCloudAgent), used(kCloudAgent), review(kReviewActive),
                 review(kReviewPassive), used(kApp));
}

// Custom agents, servers, plugins, skills and commands; and what all of them are counted by.
void append_extras(std::string& out, std::int64_t extras) {
  for (const auto* const what : {"custom_agent", "mcp", "plugin", "skill", "slash_cmd"}) {
    fmt::format_to(std::back_inserter(out), R"("distinct_{}_use_count":{},)", what, extras > 0 ? 1 : 0);
    fmt::format_to(std::back_inserter(out), R"("totals_by_{}":[)", what);
    if (extras > 0) fmt::format_to(std::back_inserter(out), R"({{"{}":"other","interaction_count":{}}})", what, extras);
    out += "],";
  }
  out += R"("totals_by_3rd_party_agent":[)";
  if (extras > 0) {
    fmt::format_to(
        std::back_inserter(out),
        R"json({{"agent_id":"2246796","agent_name":"Claude (Anthropic)","user_initiated_interaction_count":{}}})json",
        extras);
  }
  out += ']';
}

}  // namespace

std::string_view phase_name(int phase) {
  constexpr std::array<std::string_view, 4> kNames{"No Cohort", "Phase 1", "Phase 2", "Phase 3"};
  return kNames[static_cast<std::size_t>(phase)];
}

void append_counters(std::string& out, const Counters& counters, bool interactions) {
  for (std::size_t i = interactions ? 0 : 1; i < counters.size(); ++i) {
    fmt::format_to(std::back_inserter(out), R"("{}":{}{})", kCounterNames[i], counters[i],
                   i + 1 < counters.size() ? "," : "");
  }
}

void append_arrays(std::string& out, const Arrays& arrays) {
  append_arrays(out, arrays, false);
}

void append_sessions(std::string& out, const Sessions& s, std::string_view more) {
  const auto average = s.requests == 0 ? std::string("null")
                                       : fmt::format("{:.1f}", static_cast<double>(s.output_tokens + s.prompt_tokens) /
                                                                   static_cast<double>(s.requests));
  fmt::format_to(std::back_inserter(out),
                 R"({{"session_count":{},"request_count":{},"prompt_count":{},"token_usage":{{"output_tokens_sum":{},)"
                 R"("prompt_tokens_sum":{},"avg_tokens_per_request":{}}}{}}})",
                 s.sessions, s.requests, s.prompts, s.output_tokens, s.prompt_tokens, average, more);
}

UsageText write_usage(const Usage& usage) {
  UsageText text;
  auto& out = text.fields;
  append_counters(out, usage.top, true);
  out += ',';
  append_flags(out, usage);
  fmt::format_to(std::back_inserter(out),
                 R"("ai_adoption_phase":{{"phase_number":{},"phase":"{}","version":"v1"}},"ai_credits_used":{:.3f},)",
                 usage.phase, phase_name(usage.phase), usage.credits);
  append_arrays(out, usage.arrays, true);
  if (usage.cli.sessions > 0) {
    out += R"("totals_by_cli":)";
    append_sessions(
        out, usage.cli,
        fmt::format(R"(,"last_known_cli_version":{{"cli_version":"1.0.8","sampled_at":"{}T00:01:43.000Z"}})",
                    kDaySlot));
    out += ',';
  }
  out += R"("totals_by_copilot_app":)";
  append_sessions(out, usage.app, "");
  out += ',';
  append_extras(out, usage.extras);
  for (auto at = out.find(kDaySlot); at != std::string::npos; at = out.find(kDaySlot, at + kDaySlot.size())) {
    text.day_offsets.push_back(at);
  }
  return text;
}

}  // namespace ghstats::sim::copilot
