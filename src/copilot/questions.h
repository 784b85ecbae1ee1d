// What people ask of Copilot's gauges, in PromQL: for docs/copilot.md, and for the test that asks a real Prometheus.
#pragma once

#include <array>
#include <string_view>

namespace ghstats::copilot {

struct Question {
  std::string_view introduction{};  // Markdown
  std::string_view promql{};
};

inline constexpr Question kAcceptanceRate = {
    "Acceptance rate, by organisation:",
    R"(sum by (org) (gh_copilot_usage_code_acceptance_activity_count{scope="org", window="28d"})
  / sum by (org) (gh_copilot_usage_code_generation_activity_count{scope="org", window="28d"}))"};

inline constexpr Question kAcceptedLines = {
    R"(Suggested against accepted lines. The ratio may exceed 1: what agents edit need not have been suggested. With
`include_breakdown_feature` add `feature!="agent_edit"` to both.)",
    R"(sum by (org) (gh_copilot_usage_loc_added_sum{scope="org", window="28d"})
  / sum by (org) (gh_copilot_usage_loc_suggested_to_add_sum{scope="org", window="28d"}))"};

inline constexpr Question kActiveUsers = {
    R"(Active users of each day, as GitHub's own dashboard counts them (at least one interaction), with
`include_org_users_28d` and `emit_day_label`, and any `user_label_mode` but `none`:)",
    R"(count by (org, day) (
  sum by (org, day, user) (gh_copilot_usage_user_initiated_interaction_count{scope="users", window="28d"}) > 0))"};

inline constexpr Question kCodeByLanguageAndModel = {
    "Code by language and model, with `include_breakdown_language` and `include_breakdown_model`:",
    R"(topk(20, sum by (language, model) (gh_copilot_usage_code_generation_activity_count{scope="org", window="28d"})))"};

inline constexpr Question kAcceptanceRateByLanguage = {
    "Acceptance rate by language, the activity that no language is told of aside:",
    R"(sum by (language) (gh_copilot_usage_code_acceptance_activity_count{scope="org", window="28d", language!=""})
  / sum by (language) (gh_copilot_usage_code_generation_activity_count{scope="org", window="28d", language!=""}))"};

inline constexpr std::array kQuestions = {kAcceptanceRate, kAcceptedLines, kActiveUsers, kCodeByLanguageAndModel,
                                          kAcceptanceRateByLanguage};

}  // namespace ghstats::copilot
