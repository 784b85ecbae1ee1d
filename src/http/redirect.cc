#include "http/redirect.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <utility>

namespace ghstats::http {

namespace {

bool redirects(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool describes_body(std::string_view name) {
  static constexpr std::string_view kPrefix = "content-";
  if (name.size() < kPrefix.size()) return false;
  return std::ranges::equal(name.substr(0, kPrefix.size()), kPrefix,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

std::unexpected<Error> forbidden(const std::string& why) {
  return fail(ErrorCode::kInvalidData, "redirect refused: " + why);
}

void append_all(Headers& to, const Headers& from) {
  for (const Header& field : from.fields()) to.add(field.name, field.value);
}

}  // namespace

Result<Hop> first_hop(const Request& request) {
  const auto origin = origin_of(request.url);
  if (!origin) return std::unexpected(origin.error());
  return Hop{request.method, request.url, request.method == Method::kPost || request.method == Method::kPut};
}

Result<std::optional<Hop>> next_hop(const Request& request, const Hop& hop, const Response& response, int followed) {
  if (request.max_redirects <= 0 || !redirects(response.status)) return std::nullopt;
  const auto location = response.headers.get("Location");
  if (!location) return std::nullopt;
  if (followed >= request.max_redirects) return forbidden(fmt::format("more than {}", request.max_redirects));

  auto url = resolve_url(hop.url, *location);
  if (!url) return forbidden("its Location is no URL");
  const auto target = origin_of(*url);
  if (!target) return forbidden(target.error().message);
  const auto first = origin_of(request.url);
  const auto current = origin_of(hop.url);
  if (!first || !current) return fail(ErrorCode::kInternal, "a hop without an origin");
  if (request.redirects_stay_on_origin && *target != *first) {
    return forbidden(fmt::format("it leaves the origin for {}", printable_url(*url)));
  }
  if (current->scheme == "https" && target->scheme == "http") return forbidden("it leads from https to http");

  Hop next = hop;
  next.url = std::move(*url);
  const bool to_get = (response.status == 303 && hop.method != Method::kHead) ||
                      ((response.status == 301 || response.status == 302) && hop.method == Method::kPost);
  if (to_get) {
    next.method = Method::kGet;
    next.with_body = false;
  }
  return next;
}

Headers headers_of(const Request& request, const Hop& hop) {
  Headers out;
  const bool body_dropped = !hop.with_body && (request.method == Method::kPost || request.method == Method::kPut);
  for (const Header& field : request.headers.fields()) {
    if (!body_dropped || !describes_body(field.name)) out.add(field.name, field.value);
  }
  if (!request.credentials) return out;
  const auto origin = origin_of(hop.url);
  if (origin && *origin == request.credentials->origin) append_all(out, request.credentials->headers);
  return out;
}

std::string printable_url(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) return "an unreadable URL";
  const auto scheme = parsed->scheme();
  const auto host = parsed->encoded_host_and_port();
  const auto path = parsed->encoded_path();
  return fmt::format("{}://{}{}", std::string_view(scheme.data(), scheme.size()),
                     std::string_view(host.data(), host.size()), std::string_view(path.data(), path.size()));
}

}  // namespace ghstats::http
