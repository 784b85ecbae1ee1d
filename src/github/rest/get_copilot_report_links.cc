#include "github/rest/get_copilot_report_links.h"

#include <fmt/format.h>

#include <utility>

#include "base/day.h"
#include "github/rest/json_reader.h"

namespace ghstats::github {
namespace {

Status check_days(const CopilotReportLinks& links) {
  for (const std::string& day : {links.first_day, links.last_day}) {
    if (!day.empty() && !parse_day(day)) return fail(ErrorCode::kInvalidData, "the report's day is none");
  }
  if (!links.last_day.empty() && links.first_day > links.last_day) {
    return fail(ErrorCode::kInvalidData, "the report begins after it ends");
  }
  return {};
}

Result<CopilotReportLinks> read_links(std::string& body) {
  JsonBody json(body);
  CopilotReportLinks out;
  if (auto object = json.object()) {
    out.download_links = object->strings("download_links");
    if (auto day = object->nullable_string("report_day")) {
      out.first_day = *day;
      out.last_day = *std::move(day);
    } else {
      out.first_day = object->nullable_string("report_start_day").value_or("");
      out.last_day = object->nullable_string("report_end_day").value_or("");
    }
  }
  if (const Status read = json.status(); !read) return fail(read.error());
  if (out.download_links.empty()) return fail(ErrorCode::kInvalidData, "a report without links");
  if (const Status days = check_days(out); !days) return fail(days.error());
  return out;
}

}  // namespace

async::Task<Result<std::optional<CopilotReportLinks>>> get_copilot_report_links(Api& api,
                                                                                CopilotReportQuestion question) {
  // Refusals are remembered by path, without its query: that of one day would be that of all days.
  const bool of_one_day = question.path.contains('?');
  const std::string what = question.what;
  auto response = co_await api.get({.endpoint = std::move(question.endpoint),
                                    .what = what,
                                    .path = std::move(question.path),
                                    .accepted_statuses = {},
                                    .conditional = false,  // links are secrets, and differ each time
                                    .remember_refusal = !of_one_day,
                                    .tell_refusal = false,  // whoever asks tells it once, not once an hour
                                    .timeout = question.timeout});
  if (!response) co_return fail(std::move(response).error());
  if (response->status == 204) co_return std::optional<CopilotReportLinks>();
  if (response->status != 200) {
    co_return fail(Error{ErrorCode::kInvalidData, fmt::format("HTTP {}", response->status)}.with_context(what));
  }
  auto links = read_links(response->body);
  if (!links) co_return fail(links.error().with_context(what));
  co_return *std::move(links);
}

}  // namespace ghstats::github
