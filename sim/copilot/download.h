// What the report host answers, before it goes over the wire.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "http/message.h"
#include "sim/copilot/body_source.h"
#include "sim/copilot/reports.h"

namespace ghstats::sim::copilot {

struct DownloadRequest {
  std::string method;
  std::string target;  // "/copilot-usage-reports/org/acme/...?sv=..."
  std::string host;    // by which the client calls us
  bool has_authorization = false;
  bool keep_alive = true;
};

struct Download {
  int status = 200;
  http::Headers headers;
  BodySource body;
  std::chrono::milliseconds delay{0};          // before the answer
  std::optional<std::int64_t> truncate_after;  // bytes of the body
};

// Counts the request. First the credentials are looked at, then the address, then faults, then redirects.
Download answer_download(Reports& reports, const DownloadRequest& request, TimePoint now);

}  // namespace ghstats::sim::copilot
