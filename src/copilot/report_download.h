// One file of a report, from its signed URL to a reader.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "async/task.h"
#include "base/duration.h"
#include "base/error.h"
#include "copilot/report_hosts.h"
#include "copilot/report_reader.h"
#include "http/client.h"

namespace ghstats::copilot {

// What came of the download of a file: label `result` of gh_exporter_copilot_report_download_total.
enum class DownloadResult : std::uint8_t {
  kSuccess,
  kExpired,      // 403: the link is too old, or was never good; another may be
  kRefusedHost,  // by ReportHosts, the URL itself or where it redirects to
  kInvalid,      // it is damaged gzip: another download will not change that
  kFailure,      // the network, the host
};
inline constexpr std::array<std::string_view, 5> kDownloadResults = {"success", "expired", "refused_host", "invalid",
                                                                     "failure"};
constexpr std::string_view to_string(DownloadResult result) {
  return kDownloadResults[static_cast<std::size_t>(result)];
}

struct DownloadProblem {
  DownloadResult result{};
  Error error{};
};

using Downloaded = std::expected<void, DownloadProblem>;

// Sends nothing but what is needed to get `url`: no credentials of any kind. Follows five redirects at most, each
// checked as the URL is. Whatever its size, the file passes through in pieces, gzip or not, and between two of them
// others may run. After an error `reader` holds a part of the file and is of no use. Error codes:
//   kPermissionDenied   kRefusedHost; nothing was sent to it
//   kUnauthenticated    kExpired
//   kInvalidData        kInvalid; with kFailure: another status than 200, a redirect to nowhere
//   kUnavailable        network, 5xx, 408, 429, a body that was cut
//   kTimeout            one answer took longer than `timeout`; a deadline for all is the caller's
//   kCancelled          at once
// Messages never hold the query of a URL, which is its signature. `client`, `hosts` and `reader` must outlive the task.
async::Task<Downloaded> download_file(http::Client& client, const ReportHosts& hosts, std::string url, Duration timeout,
                                      ReportReader& reader);

}  // namespace ghstats::copilot
