#include "harness/fault_table.h"

#include <utility>

namespace ghstats::harness {
namespace {

// What GitHub's statuses mean where they are no failure.
Effect effect_at(const Fault& fault, const Place& place) {
  const bool is_commit = place.endpoint == "get_commit";
  // 409 is an empty repository; a commit that is not there (any more) counts for nothing.
  const bool is_empty = place.endpoint == "list_commits" || place.endpoint == "get_contributor_stats" || is_commit;
  if (fault.name == "s409" && is_empty) return Effect::kNothing;
  if (fault.name == "s404" && is_commit) return Effect::kNothing;
  // Everything else depends on it: asked for again in the next cycle.
  if (place.is_organisation && fault.effect == Effect::kFinal) return Effect::kMissed;
  return fault.effect;
}

std::vector<std::string> results_of(const Fault& fault, const Place& place, Effect effect) {
  // Without a token, or with nothing left of the limit, nothing goes on.
  const bool stops_cycles = fault.outlasts_its_end || fault.limit == Limit::kPrimary;
  if (place.is_lines && stops_cycles) return {"success", "partial", "failure"};
  // A blocked repository is so for all that is asked about it.
  if (place.is_lines && fault.name == "s451") return {"success", "partial"};
  if (place.is_lines || effect == Effect::kServed || effect == Effect::kNothing) return {"success"};
  if (place.is_organisation) return {"failure"};
  if (fault.stops_organisation) return {"partial", "failure"};
  // A repository that is gone costs its cycle nothing.
  if (fault.name == "s404") return {"success"};
  return {"partial"};
}

std::string reason_of(const Fault& fault, const Place& place, Effect effect) {
  if (effect != Effect::kMissed) return {};
  return fault.limit == Limit::kNone || place.is_lines ? place.reason : "rate_limited";
}

}  // namespace

// Times of limits: with retry.max_attempts 2 the second refusal makes a miss.
std::vector<Fault> all_faults() {
  using enum Effect;
  return {
      {.name = "s500", .action = R"({"status":500})", .status_class = "5xx", .effect = kMissed},
      {.name = "s502", .action = R"({"status":502})", .status_class = "5xx", .effect = kMissed},
      {.name = "s503", .action = R"({"status":503})", .status_class = "5xx", .effect = kMissed},
      {.name = "s429",
       .action = R"({"secondary_limit":429,"retry_after":3})",
       .times = 2,
       .status_class = "4xx",
       .effect = kMissed,
       .limit = Limit::kSecondary,
       .stops_organisation = true},
      {.name = "secondary",
       .action = R"({"secondary_limit":true,"retry_after":3})",
       .times = 2,
       .status_class = "4xx",
       .effect = kMissed,
       .limit = Limit::kSecondary,
       .stops_organisation = true},
      {.name = "secondary-once",
       .action = R"({"secondary_limit":true,"retry_after":3})",
       .times = 1,
       .status_class = "4xx",
       .effect = kServed,
       .limit = Limit::kSecondary,
       .stops_organisation = true},
      {.name = "primary",
       .action = R"({"primary_limit":true,"reset_in":4})",
       .times = 2,
       .status_class = "4xx",
       .effect = kMissed,
       .limit = Limit::kPrimary,
       .stops_organisation = true},
      {.name = "primary-once",
       .action = R"({"primary_limit":true,"reset_in":4})",
       .times = 1,
       .status_class = "4xx",
       .effect = kServed,
       .limit = Limit::kPrimary,
       .stops_organisation = true},
      {.name = "s401-once",
       .action = R"({"unauthenticated":true})",
       .times = 1,
       .status_class = "4xx",
       .effect = kServed},
      // Two fresh tokens that are refused hold off the next for a minute.
      {.name = "s401",
       .action = R"({"unauthenticated":true})",
       .status_class = "4xx",
       .effect = kMissed,
       .stops_organisation = true,
       .outlasts_its_end = true},
      {.name = "s403", .action = R"({"permission":true})", .status_class = "4xx", .effect = kFinal},
      {.name = "s404", .action = R"({"status":404})", .status_class = "4xx", .effect = kFinal},
      {.name = "s409", .action = R"({"status":409})", .status_class = "4xx", .effect = kMissed},
      {.name = "s451", .action = R"({"blocked":true})", .status_class = "4xx", .effect = kFinal},
      {.name = "s301", .action = R"({"moved":true})", .status_class = "3xx", .effect = kServed},
      {.name = "s202", .action = R"({"status":202,"body":{}})", .times = 3, .status_class = "2xx", .effect = kMissed},
      {.name = "reset", .action = R"({"reset":true})", .status_class = "error", .effect = kMissed},
      {.name = "half", .action = R"({"cut_after_bytes":1200})", .status_class = "error", .effect = kMissed},
      {.name = "silence", .action = R"({"delay_ms":30000})", .status_class = "error", .effect = kMissed},
      {.name = "no-json", .action = R"({"body_not_json":true})", .status_class = "2xx", .effect = kMissed},
      {.name = "shape", .action = R"({"wrong_shape":true})", .status_class = "2xx", .effect = kMissed},
  };
}

Fault moved_to(const std::string& path) {
  return {.name = "s301",
          .action = R"({"status":301,"headers":{"Location":"{url})" + path + R"("}})",
          .times = 1,
          .status_class = "3xx",
          .effect = Effect::kServed};
}

Expectation expectation(const Fault& fault, const Place& place) {
  const Effect effect = effect_at(fault, place);
  // Lines of which it was said that there are none are not asked for again so soon.
  const bool is_settled = effect == Effect::kFinal || (place.is_lines && effect == Effect::kNothing);
  return {.effect = effect,
          .results = results_of(fault, place, effect),
          .reason = reason_of(fault, place, effect),
          .others_exact = !fault.stops_organisation && !(place.is_organisation && effect != Effect::kServed),
          .heals = !is_settled && !fault.outlasts_its_end};
}

}  // namespace ghstats::harness
