#include "copilot/report_download.h"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <utility>

#include "copilot/file_text.h"

namespace ghstats::copilot {
namespace {

constexpr int kMaxRedirects = 5;
constexpr int kOk = 200;
constexpr int kForbidden = 403;

std::unexpected<DownloadProblem> problem(DownloadResult result, Error error) {
  return std::unexpected(DownloadProblem{result, std::move(error)});
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// What repeating may change.
bool is_passing(int status) {
  return status >= 500 || status == 408 || status == 429;
}

// The body stays out of it: storage hosts quote the signature there.
DownloadProblem problem_of(const http::StreamedResponse& response) {
  const auto host = http::origin_of(response.url);
  std::string text = fmt::format("{}: HTTP {}", host ? host->host : "report host", response.status);
  if (response.status == kForbidden) {
    return {DownloadResult::kExpired, {ErrorCode::kUnauthenticated, text + ": the link has expired, or is refused"}};
  }
  const auto code = is_passing(response.status) ? ErrorCode::kUnavailable : ErrorCode::kInvalidData;
  return {DownloadResult::kFailure, {code, std::move(text)}};
}

Result<std::string> target_of(const http::StreamedResponse& response) {
  const auto location = response.headers.get("location");
  auto target = http::resolve_url(response.url, location.value_or(""));
  if (!location || !target) return fail(ErrorCode::kInvalidData, "a redirect without a usable Location");
  return target;
}

// The answer at the end of all redirects, whatever its status.
async::Task<std::expected<http::StreamedResponse, DownloadProblem>> open(http::Client& client, const ReportHosts& hosts,
                                                                         std::string url, Duration timeout) {
  for (int followed = 0;; ++followed) {
    if (const Status allowed = hosts.check(url); !allowed) {
      co_return problem(DownloadResult::kRefusedHost, allowed.error());
    }
    http::Request request;
    request.url = std::move(url);
    request.timeout = timeout;
    // Reports of large organisations have gigabytes, and nothing here grows with them.
    request.max_body_bytes = std::numeric_limits<std::size_t>::max();
    auto response = co_await client.open(std::move(request));
    if (!response) co_return problem(DownloadResult::kFailure, std::move(response).error());
    if (!is_redirect(response->status)) co_return *std::move(response);
    if (followed == kMaxRedirects) {
      co_return problem(DownloadResult::kFailure,
                        {ErrorCode::kInvalidData, fmt::format("more than {} redirects", kMaxRedirects)});
    }
    auto target = target_of(*response);
    if (!target) co_return problem(DownloadResult::kFailure, std::move(target).error());
    url = *std::move(target);
  }
}

// All the text there is so far.
async::Task<Status> read_text(FileText& text, ReportReader& reader) {
  for (;;) {
    const auto piece = text.next();
    if (!piece) co_return fail(piece.error());
    if (!*piece) co_return Status{};
    reader.push(**piece);
    // A fast host always has the next one ready, and gzip a thousand of them.
    co_await async::yield();
    const bool stop = co_await async::cancelled();
    if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
  }
}

// Gzip that the host declares is undone by the client.
DownloadProblem problem_of_body(Error error) {
  const bool is_damaged = error.code == ErrorCode::kInvalidData;
  return {is_damaged ? DownloadResult::kInvalid : DownloadResult::kFailure, std::move(error)};
}

DownloadProblem problem_of_text(Error error) {
  const auto result = error.code == ErrorCode::kCancelled ? DownloadResult::kFailure : DownloadResult::kInvalid;
  return {result, std::move(error)};
}

}  // namespace

async::Task<Downloaded> download_file(http::Client& client, const ReportHosts& hosts, std::string url, Duration timeout,
                                      ReportReader& reader) {
  auto response = co_await open(client, hosts, std::move(url), timeout);
  if (!response) co_return std::unexpected(std::move(response).error());
  if (response->status != kOk) co_return std::unexpected(problem_of(*response));
  FileText text;
  for (;;) {
    const auto bytes = co_await response->body->next();
    if (!bytes) co_return std::unexpected(problem_of_body(bytes.error()));
    if (!*bytes) break;
    text.push(**bytes);
    const Status read = co_await read_text(text, reader);
    if (!read) co_return std::unexpected(problem_of_text(read.error()));
  }
  if (const Status whole = text.finish(); !whole) co_return std::unexpected(problem_of_text(whole.error()));
  reader.end_file();
  co_return Downloaded{};
}

}  // namespace ghstats::copilot
