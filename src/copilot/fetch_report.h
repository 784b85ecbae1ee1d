// A report from GitHub: its links, all its files, what they add up to.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <variant>

#include "async/retry.h"
#include "async/task.h"
#include "base/duration.h"
#include "base/error.h"
#include "copilot/report_download.h"
#include "copilot/report_hosts.h"
#include "copilot/report_kind.h"
#include "copilot/report_options.h"
#include "copilot/report_reader.h"
#include "github/api.h"
#include "http/client.h"
#include "work/reason.h"

namespace ghstats::copilot {

// What is asked and how. What it points to must outlive the fetches.
struct FetchEnvironment {
  github::Api* api = nullptr;      // of the organisation's credential or the enterprise's
  http::Client* client = nullptr;  // for the files
  const ReportHosts* hosts = nullptr;
  async::RetryEnvironment retry{};    // of downloads; the Api has its own
  Duration request_timeout{30'000};   // copilot.request_timeout
  Duration download_timeout{90'000};  // copilot.download_timeout: of all files, attempts and waits together
  // Told how every download of a file ended, of attempts that failed, too; not of cancelled ones. May be empty.
  std::function<void(DownloadResult)> on_download = {};
};

struct ReportQuestion {
  ReportKind kind{};
  std::string owner{};     // the organisation as configured, or the enterprise's slug; also the label `org`
  std::string day{};       // YYYY-MM-DD, of 1-day reports
  std::string last_day{};  // of the report that is known: when GitHub still has that one it is not downloaded. Or empty
};

struct FetchedReport {
  Report report;
  LineCounts lines;
  std::string first_day;  // as the answer with the links says; where it does not, as the records do; else empty
  std::string last_day;
};
struct NoReport {};         // 204: not made yet, or no activity
struct UnchangedReport {};  // that of ReportQuestion::last_day
using Fetched = std::variant<FetchedReport, NoReport, UnchangedReport>;

enum class FetchStep : std::uint8_t { kLinks, kDownload, kParse };

struct FetchProblem {
  FetchStep step{};
  Error error{};          // one sentence that names report, owner and, of a download, the file
  bool is_final = false;  // only people can change it: no such owner, not permitted, a host that is not listed
  LineCounts lines{};     // of kParse: what became of them
};

work::Reason reason_of(FetchStep step);

// Asks for the links once, then reads all files in order, from the beginning again after network errors and 5xx (as
// often as `retry` says) and, once, with new links when one has expired. The result is that of one pass over all files.
// kCancelled comes at once, as a problem of whatever step it was in. Adding up a report of 100,000 users at the end is
// one piece of work of some hundred milliseconds, during which nothing else runs.
async::Task<std::expected<Fetched, FetchProblem>> fetch_report(FetchEnvironment environment, ReportQuestion question,
                                                               ReportOptions options);

}  // namespace ghstats::copilot
