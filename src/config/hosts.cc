#include "config/hosts.h"

#include <algorithm>
#include <charconv>

namespace ghstats::config {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_port(std::string_view text, unsigned smallest) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port >= smallest && port <= 65'535;
}

}  // namespace

bool is_host_name(std::string_view text, std::string_view extra) {
  if (text.empty() || text.size() > 253 || text.starts_with('.') || text.contains("..")) return false;
  return std::ranges::all_of(
      text, [&](char c) { return is_alphanumeric(c) || c == '.' || c == '-' || c == '_' || extra.contains(c); });
}

bool is_ipv6_literal(std::string_view text) {
  return text.size() > 3 && text.starts_with('[') && text.ends_with(']') && text.contains(':') &&
         std::ranges::all_of(text.substr(1, text.size() - 2), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
         });
}

bool is_host_and_port(std::string_view text, bool host_may_be_empty, unsigned smallest_port) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1), smallest_port)) return false;
  const auto host = text.substr(0, colon);
  if (host.empty()) return host_may_be_empty;
  return is_host_name(host) || is_ipv6_literal(host);
}

}  // namespace ghstats::config
