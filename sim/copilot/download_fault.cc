#include "sim/copilot/download_fault.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>

#include "sim/control/json_fields.h"

namespace ghstats::sim::copilot {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 9> kFields{"report",   "shard",          "times",      "hits",        "status",
                                                  "delay_ms", "truncate_after", "not_ndjson", "gzip_garbage"};
constexpr std::array<int, 4> kStatuses{403, 404, 500, 503};

Result<DownloadFault> parse(const json::value& description) {
  if (!description.is_object()) return fail(ErrorCode::kInvalidData, "an object is needed");
  for (const auto& [name, value] : description.as_object()) {
    if (std::find(kFields.begin(), kFields.end(), name) == kFields.end()) {
      return fail(ErrorCode::kInvalidData, "no such field: " + std::string(name));
    }
  }
  const Fields fields(description.as_object());
  DownloadFault fault;
  fault.report = fields.text("report").value_or("");
  if (const auto shard = fields.integer("shard")) fault.shard = static_cast<int>(*shard);
  fault.times = fields.integer("times");
  if (const auto status = fields.integer("status")) {
    fault.status = static_cast<int>(*status);
    if (std::find(kStatuses.begin(), kStatuses.end(), *fault.status) == kStatuses.end()) {
      return fail(ErrorCode::kInvalidData, "status: 403, 404, 500 or 503");
    }
  }
  fault.delay = std::chrono::milliseconds{fields.integer("delay_ms").value_or(0)};
  fault.truncate_after = fields.integer("truncate_after");
  fault.not_ndjson = fields.boolean("not_ndjson").value_or(false);
  fault.gzip_garbage = fields.boolean("gzip_garbage").value_or(false);
  return fault;
}

}  // namespace

Result<std::vector<DownloadFault>> parse_faults(const json::value& description) {
  if (!description.is_array()) return fail(ErrorCode::kInvalidData, "faults: a list is needed");
  std::vector<DownloadFault> faults;
  for (const auto& one : description.as_array()) {
    auto fault = parse(one);
    if (!fault) {
      return std::unexpected(fault.error().with_context("faults " + std::to_string(faults.size())));
    }
    faults.push_back(std::move(*fault));
  }
  return faults;
}

json::array to_json(const std::vector<DownloadFault>& faults) {
  json::array out;
  for (const auto& fault : faults) {
    json::object one{{"hits", fault.hits}};
    if (!fault.report.empty()) one["report"] = fault.report;
    if (fault.shard) one["shard"] = *fault.shard;
    if (fault.times) one["times"] = *fault.times;
    if (fault.status) one["status"] = *fault.status;
    if (fault.delay.count() > 0) one["delay_ms"] = fault.delay.count();
    if (fault.truncate_after) one["truncate_after"] = *fault.truncate_after;
    if (fault.not_ndjson) one["not_ndjson"] = true;
    if (fault.gzip_garbage) one["gzip_garbage"] = true;
    out.push_back(std::move(one));
  }
  return out;
}

const DownloadFault* strike(std::vector<DownloadFault>& faults, std::string_view report, int shard) {
  for (auto& fault : faults) {
    const bool fits = (fault.report.empty() || fault.report == report) && fault.shard.value_or(shard) == shard;
    if (!fits || (fault.times && fault.hits >= *fault.times)) continue;
    ++fault.hits;
    return &fault;
  }
  return nullptr;
}

}  // namespace ghstats::sim::copilot
