#include "copilot/report_hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>

#include "base/folded.h"
#include "http/message.h"

namespace ghstats::copilot {
namespace {

constexpr std::uint16_t kHttpsPort = 443;

// An IPv6 one in brackets, as URLs have it.
std::optional<boost::asio::ip::address> address_of(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  return error ? std::nullopt : std::optional(address);
}

bool is_loopback(std::string_view host) {
  const auto address = address_of(host);
  return address ? address->is_loopback() : host == "localhost";
}

// What some resolver may take for an address: "127.1", "0x7f.0.0.1", "2130706433".
bool may_be_address(std::string_view host) {
  const auto dot = host.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? host : host.substr(dot + 1);
  return last.empty() || last.front() == '[' || (last.front() >= '0' && last.front() <= '9');
}

// Up to the first dot, which goes, too.
std::string_view take_label(std::string_view& name) {
  const auto dot = name.find('.');
  const std::string_view label = name.substr(0, dot);
  name.remove_prefix(dot == std::string_view::npos ? name.size() : dot + 1);
  return label;
}

bool label_matches(std::string_view pattern, std::string_view label) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == label;
  return label.size() >= pattern.size() && label.starts_with(pattern.substr(0, star)) &&
         label.ends_with(pattern.substr(star + 1));
}

bool matches(std::string_view pattern, std::string_view host) {
  if (pattern.starts_with("*.")) {
    // All labels but those that the rest has.
    pattern.remove_prefix(2);
    auto surplus = std::ranges::count(host, '.') - std::ranges::count(pattern, '.');
    if (surplus < 1) return false;
    for (; surplus > 0; --surplus) {
      if (take_label(host).empty()) return false;
    }
  }
  if (std::ranges::count(host, '.') != std::ranges::count(pattern, '.')) return false;
  while (!pattern.empty()) {
    if (!label_matches(take_label(pattern), take_label(host))) return false;
  }
  return host.empty();
}

std::unexpected<Error> refuse(std::string_view why) {
  return fail(ErrorCode::kPermissionDenied, fmt::format("refused to download a report: {}", why));
}

}  // namespace

ReportHosts::ReportHosts(std::vector<std::string> patterns, std::string_view api_base_url) {
  for (const std::string& pattern : patterns) patterns_.push_back(folded(pattern));
  const auto api = http::origin_of(api_base_url);
  allows_loopback_ = api && api->scheme == "http" && is_loopback(api->host);
}

bool ReportHosts::lists(std::string_view host) const {
  if (may_be_address(host)) return std::ranges::find(patterns_, host) != patterns_.end();
  return std::ranges::any_of(patterns_, [&](const std::string& pattern) { return matches(pattern, host); });
}

Status ReportHosts::check(std::string_view url) const {
  const auto origin = http::origin_of(url);
  if (!origin) return refuse(origin.error().message);
  if (allows_loopback_ && is_loopback(origin->host)) return {};
  if (origin->scheme != "https") return refuse(fmt::format("'{}' is asked with http, not https", origin->host));
  if (origin->port != kHttpsPort) {
    return refuse(fmt::format("'{}' is asked on port {}, not {}", origin->host, origin->port, kHttpsPort));
  }
  if (!lists(origin->host)) {
    return refuse(fmt::format("host '{}' is not in copilot.report_hosts_allowlist", origin->host));
  }
  return {};
}

}  // namespace ghstats::copilot
