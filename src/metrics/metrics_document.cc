#include <fmt/format.h>

#include <iterator>

#include "metrics/catalogue.h"
#include "metrics/encoder.h"

namespace ghstats::metrics {
namespace {

constexpr std::string_view kPreamble =
    R"(# Metrics

<!-- Generated from the table in src/metrics by tools/generate_docs; do not edit. -->

`/metrics` answers in text 0.0.4 and in OpenMetrics 1.0.0, whichever `Accept` prefers. Families stand in the order of
these tables, the series of a family sorted by their labels; a family without series is left out. A label that says
nothing is left out of its line, so the Copilot gauges have `ide`, `feature`, `language`, `model` and `day` where they are
switched on and GitHub tells them, and `user` in reports about users ([copilot.md](copilot.md)).

*Whose* tells who answers for a value: **shared** series are the same on every replica, so any replica may be scraped;
series of **this replica** describe the process that answers.
)";

std::string_view title(Group group) {
  switch (group) {
    case Group::kActivity:
      return "Activity";
    case Group::kScrape:
      return "Collection";
    case Group::kGitHub:
      return "GitHub API";
    case Group::kBackfill:
      return "Backfill and queue";
    case Group::kLoc:
      return "Lines of code";
    case Group::kCopilot:
      return "Copilot usage";
    case Group::kStore:
      return "Store and view";
    case Group::kHealth:
      return "Roles and health";
    case Group::kProcess:
      return "Process";
  }
  return "Other";
}

std::string label_list(const FamilyInfo& family) {
  std::string list;
  for (const std::string_view label : family.labels) {
    fmt::format_to(std::back_inserter(list), "{}`{}`", list.empty() ? "" : ", ", label);
  }
  return list.empty() ? "none" : list;
}

std::string bucket_sentence(const FamilyInfo& family) {
  if (family.buckets.empty()) return {};
  std::string sentence = " Buckets:";
  for (const double bound : family.buckets) {
    sentence += ' ';
    append_number(sentence, bound);
  }
  return sentence + ".";
}

// What has to be switched on says by which key.
std::string switch_sentence(const FamilyInfo& family) {
  for (const kinds::KindRow& kind : kinds::kKindRows) {
    const kinds::FamilyRow& collected = kinds::row(kind.family);
    if (family_of(kind.kind) != family.id || collected.key.empty()) continue;
    return fmt::format(" Only with `{}: true`{}.", collected.key, collected.on_by_default ? " (the default)" : "");
  }
  return {};
}

std::string escape_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c;
  }
  return cell;
}

}  // namespace

std::string metrics_document() {
  std::string out(kPreamble);
  const FamilyInfo* previous = nullptr;
  for (const FamilyInfo& family : catalogue()) {
    if (previous == nullptr || previous->group != family.group) {
      fmt::format_to(std::back_inserter(out),
                     "\n## {}\n\n| name | type | labels | unit | meaning | whose |\n|---|---|---|---|---|---|\n",
                     title(family.group));
    }
    fmt::format_to(std::back_inserter(out), "| `{}` | {} | {} | {} | {}{}{} | {} |\n", family.name,
                   to_string(family.type), label_list(family), family.unit.empty() ? "-" : family.unit,
                   escape_cell(family.help), bucket_sentence(family), switch_sentence(family),
                   family.scope == Scope::kShared ? "shared" : "this replica");
    previous = &family;
  }
  return out;
}

}  // namespace ghstats::metrics
