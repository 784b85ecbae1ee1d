#include "copilot/document.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include "copilot/breakdown.h"
#include "copilot/questions.h"
#include "copilot/report_kind.h"
#include "copilot/report_reader.h"
#include "metrics/encoder.h"

namespace ghstats::copilot {
namespace {

constexpr std::string_view kIntroduction = R"(# Copilot usage

<!-- Generated from the tables in src/copilot by tools/generate_docs; do not edit. -->

GitHub makes a report of Copilot usage every day, about two days late. With `copilot.enabled: true` the reports below
are read and shown as gauges `gh_copilot_usage_*` ([metrics.md](metrics.md)). **Summing a family over all its labels
gives the report's total, once**, whichever labels are switched on. Reports overlap, though: the same activity is in
the organisation's report (`scope="org"`), in that about its users (`scope="users"`) and in the enterprise's
(`scope="enterprise"`), so name one `scope` and one `window` in every query.

## Reports

| report | asked for with | labels | asked at | jobs call it |
|---|---|---|---|---|
)";

constexpr std::string_view kLines = R"(
A 1-day report is asked for with `day=YYYY-MM-DD`, and only where its 28-day report could not be read. The label `org`
is the organisation as configured, or the enterprise's slug. Do not give an enterprise the name of one of its
organisations where the users of both are read: their series would have the same labels, so that configuration is
refused.

The GitHub App needs the organisation's permission "Organization Copilot metrics" (read). An enterprise's reports are
read with an App of its own, `copilot.enterprise.app_id` with the enterprise's permission "Enterprise Copilot metrics".

## When

The leader asks for each 28-day report every `copilot.scrape_interval`, for one at a time; a new leader goes on where
the one before ended. A report that ends on the day of the one that is shown is not downloaded again, unless
`copilot.refresh_if_report_unchanged` says so or the switches of this section have changed. A new report takes the place
of the one before in one step, on all replicas: who is not in it any more has no series any more. An older report never
takes the place of a newer one.

When a report cannot be read, what is shown stays. It is asked for again after 10 minutes, 20, 40 and so on, at most
the interval, and becomes a job (`copilot_report_fetch_error`, `copilot_report_download_error` or
`copilot_report_parse_error`, [queue.md](queue.md)) about the days that are over and that the report shown does not
cover, 28 at most. Workers on any replica read the 1-day reports of these days: the newest that there is becomes series
with `window="1d"`, with `copilot.emit_day_label` each of them does. They end with the 28-day report that covers them.
What GitHub refuses (policy, permission, unknown name) becomes no job.

| metric | values |
|---|---|
| `gh_exporter_copilot_scrape_runs_total{result}` | `success`: read; `unchanged`; `no_report`: 204; `refused`: people have to change something; `failure` |
| `gh_exporter_copilot_report_download_total{result}` | of each file: `success`; `expired`: 403; `refused_host`; `invalid`: damaged gzip; `failure` |
| `gh_exporter_copilot_last_success_unixtime{scope}` | when a run was `success` or `unchanged`: of the scope's report that waits for it longest, those that never succeeded aside |
| `gh_exporter_copilot_report_staleness_seconds{scope}` | time since the end of the last day of what is shown: of the scope's oldest |

Each path is a component of `/healthz?full=1` and of `gh_exporter_dependency_health`. They make a replica `degraded`, but
never unready, and nothing of Copilot touches other collections.

## Download

The answer at such a path has the links of the report's files: signed URLs, good for about an hour. The files are
downloaded one after the other from hosts of `copilot.report_hosts_allowlist`, with https on port 443; wherever one
redirects to, five times at most, is held to the same rule. (Where GitHub's API is configured as http on loopback, as a
simulator is, hosts on loopback are allowed as well.) No token or other credential is sent there, and no message holds a
link's query. Files may be gzip. They pass through in pieces: memory goes by the series and the longest line.

A host's 403 is taken for an expired link: new ones are asked for, once, and the report is begun anew. So it is after
network errors, 5xx and files that are cut, `retry.max_attempts` times in all. `copilot.download_timeout` is for all
files, attempts and waits together, `copilot.request_timeout` for one question for links. What then remains is one
error, and the report before stays on the page. Damaged gzip, hosts that are not listed and reports without a usable
line are errors at once. A 204 means that there is no report yet, which is none. While the policy "Copilot usage
metrics" is off GitHub answers 403, which is told once.

## What a line becomes

| line of | families | their value |
|---|---|---|
| `organization-28-day`, `enterprise-28-day` | seven counters, pull requests | sum over `day_totals[]` |
| `organization-1-day`, `enterprise-1-day` | seven counters, pull requests | the line's |
| `users-28-day`, `users-1-day` | seven counters | sum over that user's lines: GitHub sends one for each day |

The seven counters and the fields of `pull_requests{}` that are shown:

| field | family |
|---|---|
)";

constexpr std::string_view kReading = R"(
All files of a report (`download_links[]`) are one report. Unknown fields are ignored, so later schemas go on working. A
number that is missing or `null` is not told: no series, if no line tells it. A line is left out and counted
(`gh_exporter_copilot_records_dropped_total`), the others stay, when it is

- `not_json`: truncated, not JSON, not UTF-8;
- `bad_value`: a number is negative, a fraction or beyond 64 bits, a day is none, a used field has another type;
- `missing_field`: it has no known number, or not what the label `user` needs;
- `line_too_long`: longer than 24 MiB;
- `record_limit`, `user_limit`: beyond `copilot.max_records_per_report` lines or `copilot.max_users_per_report` users, as
  they come. 0 is unlimited.

A report that has lines, none of which can be taken, is an error, and the one before stays.

Series count towards `store.max_series_budget`. A report that takes more than all of it is an error, too, and costs no
more memory than so many series. One that is larger than the room left is an error as well, and the one before stays:
a part of it would have other sums.

## Labels

`repo` is `*`. A label that says nothing is left out: `user` in reports about everybody, `day` without
`copilot.emit_day_label`, and breakdowns as told below. Pull requests have no breakdowns.

`copilot.user_label_mode` decides what `user` is: `login`; `id`, GitHub's number; `hashed`, the HMAC-SHA256 of the
login in hexadecimal digits (`printf %s LOGIN | openssl dgst -sha256 -hmac KEY` finds somebody again); or `none`,
which adds all users up. Who was renamed within the period is two users where the label goes by the login.

With `copilot.emit_day_label: true` each day of a report has its series, labelled `day="2025-10-01"`; without, days are
added up. It takes up to 28 times as many series.

## Breakdowns

GitHub tells each number at a record's top and again in arrays by one or two labels:

| array | labels | numbers |
|---|---|---|
)";

constexpr std::string_view kMapping = R"(
These are five views of the same activity, not parts of it, and no array has three labels, or `ide` with another one.
So each family is fed by one chain of arrays. `a > b` means: what `b` leaves of `a`'s number is told without `b`'s
label, and what `a` leaves of the record's number without any. Summing is exact whatever the arrays hold: where one
has *more* than the number it is part of, the larger number is believed and told without the label. An array that is
empty is passed over. Rows of one array that differ in other labels only are added up.

| switched on (`copilot.include_breakdown_*`) | interactions come from | the six other counters come from | no effect |
|---|---|---|---|
)";

constexpr std::string_view kExample = R"(
`unknown` and `others` are GitHub's words, for activity that it counted but cannot name; a label that is left out means
that GitHub's array does not cover it. `totals_by_language_model` is about chat only, so with `language` and `model`
completions have a language and no model. With all of `feature`, `language` and `model` code is told by feature and
language, interactions by feature and model; for code by language and model, leave `feature` off.

## Example

With `include_breakdown_feature` and `include_breakdown_language` this line of `organization-28-day`

```json
)";

constexpr std::string_view kExampleLine =
    R"({"report_start_day": "2025-09-04", "report_end_day": "2025-10-01", "day_totals": [
  {"day": "2025-10-01", "user_initiated_interaction_count": 4, "code_generation_activity_count": 10,
   "totals_by_feature": [
     {"feature": "code_completion", "user_initiated_interaction_count": 0, "code_generation_activity_count": 6},
     {"feature": "chat_panel_agent_mode", "user_initiated_interaction_count": 3, "code_generation_activity_count": 3}],
   "totals_by_language_feature": [
     {"language": "go", "feature": "code_completion", "code_generation_activity_count": 4},
     {"language": "python", "feature": "code_completion", "code_generation_activity_count": 1},
     {"language": "python", "feature": "chat_panel_agent_mode", "code_generation_activity_count": 5}],
   "pull_requests": {"total_created": 2, "total_created_by_copilot": 1}}]})";

constexpr std::string_view kAfterExampleLine = R"(
```

(in the file it is one line) becomes

```
)";

constexpr std::string_view kExplanation = R"(```

Ten times code was produced, and the series of `code_generation_activity_count` sum to ten. Completions: 4 in Go, 1 in
Python, and 1 of the feature's 6 in no language that GitHub tells. The agent's rows claim 5 of 3, so its 3 stand without
a language. 1 of the 10 belongs to no feature. Interactions have no rows by language, so they end at the feature.

## Questions
)";

std::string code(std::string_view text) {
  return fmt::format("`{}`", text);
}

std::string label_list(LabelSet labels) {
  std::string list;
  for (const LabelRow& label : kLabelRows) {
    if ((labels & label.bit) != 0) list += (list.empty() ? "" : ", ") + code(label.name);
  }
  return list;
}

std::string chain(const Recipe& recipe) {
  std::string out;
  for (std::size_t i = 0; i < recipe.depth; ++i) {
    const Level& level = recipe.levels[i];
    fmt::format_to(std::back_inserter(out), "{}`{}` by {}", i == 0 ? "" : " > ", row(level.array).field,
                   label_list(level.labels));
  }
  return out.empty() ? "the record's top" : out;
}

void append_reports(std::string& out) {
  for (const ReportRow& report : kReports) {
    fmt::format_to(std::back_inserter(out), "| `{}` | `{}` | `scope=\"{}\", window=\"{}\"` | `{}` | `{}`, `{}` |\n",
                   report.name, report.key, report.scope, report.window, report.path, report.owner, report.name);
  }
}

template <std::size_t kSize>
void append_families(std::string& out, const std::array<CounterRow, kSize>& rows, std::string_view inside) {
  for (const CounterRow& counter : rows) {
    fmt::format_to(std::back_inserter(out), "| `{}{}` | `{}` |\n", inside, counter.field,
                   metrics::info(counter.family).name);
  }
}

void append_arrays(std::string& out) {
  for (const ArrayRow& array : kArrays) {
    fmt::format_to(std::back_inserter(out), "| `{}` | {} | {} |\n", array.field, label_list(array.labels),
                   array.has_interactions ? "all seven" : fmt::format("all but `{}`", kCounters[kInteractions].field));
  }
}

void append_mapping(std::string& out) {
  for (unsigned bits = 0; bits < (1U << kLabelRows.size()); ++bits) {
    const auto on = static_cast<LabelSet>(bits);
    fmt::format_to(std::back_inserter(out), "| {} | {} | {} | {} |\n", on == 0 ? "none" : label_list(on),
                   chain(recipe_for(on, kInteractions)), chain(recipe_for(on, kInteractions + 1)),
                   unserved(on) == 0 ? "-" : label_list(unserved(on)));
  }
}

template <std::size_t kSize>
void append_series(std::string& out, const Report& report, const std::array<CounterRow, kSize>& rows) {
  for (const CounterRow& counter : rows) {
    const metrics::FamilyInfo& family = metrics::info(counter.family);
    for (const metrics::Sample& sample : report.samples) {
      if (sample.key.family != counter.family) continue;
      std::string labels;
      metrics::append_labels(labels, family.labels, sample.key.labels);
      metrics::append_sample(out, family.name, labels, sample.value);
    }
  }
}

// By the code that does it.
void append_example(std::string& out) {
  std::string line(kExampleLine);
  std::erase(line, '\n');
  ReportReader reader(ReportKind::kOrg28Days, "acme", {.breakdowns = kFeature | kLanguage});
  reader.push(line);
  reader.end_file();
  const auto report = reader.finish();
  if (!report) throw std::logic_error(report.error().message);
  append_series(out, *report, kCounters);
  append_series(out, *report, kPullRequestCounters);
}

void append_questions(std::string& out) {
  for (const Question& question : kQuestions) {
    fmt::format_to(std::back_inserter(out), "\n{}\n\n```promql\n{}\n```\n", question.introduction, question.promql);
  }
}

}  // namespace

std::string copilot_document() {
  std::string out(kIntroduction);
  append_reports(out);
  out += kLines;
  append_families(out, kCounters, "");
  append_families(out, kPullRequestCounters, "pull_requests.");
  out += kReading;
  append_arrays(out);
  out += kMapping;
  append_mapping(out);
  out += kExample;
  out += kExampleLine;
  out += kAfterExampleLine;
  append_example(out);
  out += kExplanation;
  append_questions(out);
  return out;
}

}  // namespace ghstats::copilot
