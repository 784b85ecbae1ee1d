#include "sim/copilot/download.h"

#include <fmt/format.h>

#include "base/time_format.h"
#include "sim/copilot/aggregate.h"
#include "sim/world/random.h"

namespace ghstats::sim::copilot {
namespace {

constexpr std::size_t kGarbageBytes = 4096;
constexpr std::string_view kRedirected = "redirected=true";

constexpr std::string_view kMalformed =
    "Authentication information is not given in the correct format. Check the value of Authorization header.";
constexpr std::string_view kUnauthenticated =
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly "
    "including the signature.";

// In the words of Azure's blob storage.
Download refusal(int status, std::string_view code, std::string_view message, std::string_view detail, TimePoint now) {
  Download download;
  download.status = status;
  download.headers.add("Content-Type", "application/xml");
  download.headers.add("x-ms-error-code", std::string(code));
  const auto details =
      detail.empty() ? std::string() : fmt::format("<AuthenticationErrorDetail>{}</AuthenticationErrorDetail>", detail);
  download.body =
      text_source(fmt::format("\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{}</Code>"
                              "<Message>{}\nTime:{}</Message>{}</Error>",
                              code, message, format_rfc3339_ms(now), details));
  return download;
}

Download refuse_by_fault(int status, TimePoint now) {
  switch (status) {
    case 403:
      return refusal(403, "AuthenticationFailed", kUnauthenticated, "Signature did not match.", now);
    case 404:
      return refusal(404, "BlobNotFound", "The specified blob does not exist.", "", now);
    case 503:
      return refusal(503, "ServerBusy", "The server is busy.", "", now);
    default:
      return refusal(500, "InternalError", "The server encountered an internal error. Please retry the request.", "",
                     now);
  }
}

Download html_page() {
  Download download;
  download.headers.add("Content-Type", "text/html");
  download.body = text_source("<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body>...</body></html>\n");
  return download;
}

Download garbage(Gzip mode) {
  Download download;
  download.headers.add("Content-Type", "application/octet-stream");
  if (mode != Gzip::kFile) download.headers.add("Content-Encoding", "gzip");
  std::string bytes("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10);
  bytes += '\x07';  // a block of the type that does not exist
  Random random(1);
  while (bytes.size() < kGarbageBytes) bytes += static_cast<char>(random.below(256));
  download.body = text_source(std::move(bytes));
  return download;
}

Download real_file(const ReportFile& file) {
  const auto& subscription = *file.subscription;
  Download download;
  download.headers.add("Content-Type", "application/octet-stream");
  if (file.report.of_users) {
    const auto lines =
        std::make_shared<UserLines>(subscription.activity, subscription.owner, file.report, file.end, file.shard);
    download.body = [lines](std::string& out) { return lines->read(out); };
  } else {
    download.body = text_source(aggregate_line(*subscription.activity, subscription.owner, file.report, file.end));
  }
  if (subscription.setup().gzip == Gzip::kNone) return download;
  download.body = gzip_source(std::move(download.body));
  if (subscription.setup().gzip == Gzip::kEncoding) download.headers.add("Content-Encoding", "gzip");
  return download;
}

Download redirect(const std::string& to, const DownloadRequest& request) {
  Download download;
  download.status = 302;
  auto location = to;
  constexpr std::string_view kUrl = "{url}";
  if (const auto at = location.find(kUrl); at != std::string::npos) {
    location.replace(at, kUrl.size(), fmt::format("http://{}{}&{}", request.host, request.target, kRedirected));
  }
  download.headers.add("Location", std::move(location));
  download.body = text_source("");
  return download;
}

Download serve(const ReportFile& file, const DownloadRequest& request, TimePoint now) {
  auto& subscription = *file.subscription;
  const auto* const fault = strike(subscription.faults, name_of(file.report), file.shard);
  Download download;
  if (fault != nullptr && fault->status) {
    download = refuse_by_fault(*fault->status, now);
  } else if (fault != nullptr && fault->not_ndjson) {
    download = html_page();
  } else if (fault != nullptr && fault->gzip_garbage) {
    download = garbage(subscription.setup().gzip);
  } else if (!subscription.setup().redirect.empty() && !request.target.ends_with(kRedirected)) {
    download = redirect(subscription.setup().redirect, request);
  } else {
    download = real_file(file);
  }
  if (fault != nullptr) {
    download.delay = fault->delay;
    download.truncate_after = fault->truncate_after;
  }
  return download;
}

Download decide(Reports& reports, const ReportFile& file, const DownloadRequest& request, TimePoint now) {
  const auto question = std::min(request.target.find('?'), request.target.size());
  const std::string_view target = request.target;
  const auto query = question < target.size() ? target.substr(question + 1) : std::string_view();
  if (request.has_authorization) return refusal(400, "InvalidAuthenticationInfo", kMalformed, "", now);
  switch (reports.signer().check(target.substr(0, question), query, now)) {
    case LinkSigner::Verdict::kForged:
      return refusal(403, "AuthenticationFailed", kUnauthenticated, "Signature did not match.", now);
    case LinkSigner::Verdict::kExpired:
      return refusal(403, "AuthenticationFailed", kUnauthenticated,
                     "Signature not valid in the specified time frame: it has expired.", now);
    case LinkSigner::Verdict::kValid:
      break;
  }
  if (file.subscription == nullptr) {
    return refusal(404, "BlobNotFound", "The specified blob does not exist.", "", now);
  }
  if (request.method != "GET") {
    return refusal(405, "UnsupportedHttpVerb", "The resource doesn't support specified Http Verb.", "", now);
  }
  return serve(file, request, now);
}

}  // namespace

Download answer_download(Reports& reports, const DownloadRequest& request, TimePoint now) {
  const auto file = reports.find_file(std::string_view(request.target).substr(0, request.target.find('?')));
  auto download = decide(reports, file, request, now);
  ++reports.tally().statuses[download.status];
  if (request.has_authorization) ++reports.tally().with_authorization;
  if (file.subscription != nullptr) {
    ++file.subscription->downloads[std::string(name_of(file.report))][download.status];
  }
  return download;
}

}  // namespace ghstats::sim::copilot
