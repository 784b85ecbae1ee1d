// What goes wrong with downloads, on demand.
#pragma once

#include <boost/json/array.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "sim/copilot/report.h"

namespace ghstats::sim::copilot {

struct DownloadFault {
  std::string report = {};                 // "users-28-day"; empty: any
  std::optional<int> shard = {};           // absent: any
  std::optional<std::int64_t> times = {};  // absent: always
  std::int64_t hits = 0;

  std::optional<int> status = {};      // 403, 404, 500, 503 instead
  std::chrono::milliseconds delay{0};  // of real time before the answer, whatever it is
  // The connection ends within a chunk, after so many bytes of the body; a shorter body comes whole.
  std::optional<std::int64_t> truncate_after = {};
  bool not_ndjson = false;    // 200 with an HTML page
  bool gzip_garbage = false;  // what begins like gzip and goes on like nothing
};

// From a JSON array, all or none. kInvalidData names what is wrong.
Result<std::vector<DownloadFault>> parse_faults(const boost::json::value& description);
boost::json::array to_json(const std::vector<DownloadFault>& faults);

// The first that fits and has hits left; that hit is counted. Null: none.
const DownloadFault* strike(std::vector<DownloadFault>& faults, std::string_view report, int shard);

}  // namespace ghstats::sim::copilot
