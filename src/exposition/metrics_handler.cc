#include "exposition/metrics_handler.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "exposition/negotiation.h"

namespace ghstats::exposition {
namespace {

// A field that stands several times means the same as its values joined (RFC 9110 section 5.3). `name` in lower case.
std::string joined(const http::Headers& headers, std::string_view name) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  std::string values;
  for (const http::Header& field : headers.fields()) {
    if (!std::ranges::equal(field.name, name, {}, lower)) continue;
    if (!values.empty()) values += ',';
    values += field.value;
  }
  return values;
}

}  // namespace

MetricsHandler::MetricsHandler(View& view, const Clock& clock, OwnSamples own_samples)
    : view_(view), clock_(clock), own_samples_(std::move(own_samples)) {}

http::ServerResponse MetricsHandler::respond(const http::ServerRequest& request) {
  const metrics::Format format = negotiate_format(joined(request.headers, "accept"));
  const bool gzip = accepts_gzip(joined(request.headers, "accept-encoding"));
  const TimePoint now = clock_.now();
  const Page page = view_.render(now, format, own_samples_(now));

  http::ServerResponse response;
  response.headers.add("Content-Type", std::string(metrics::content_type(format)));
  response.headers.add("Vary", "Accept, Accept-Encoding");
  if (gzip) response.headers.add("Content-Encoding", "gzip");
  response.body = gzip ? page.gzip() : page.identity();
  return response;
}

}  // namespace ghstats::exposition
