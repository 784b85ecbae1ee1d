#include "config/formats.h"

#include <algorithm>
#include <ranges>
#include <vector>

#include "config/hosts.h"
#include "config/redis_url.h"

namespace ghstats::config {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_lower_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool is_graphic(char c) {
  return c > ' ' && c != 0x7F;
}

bool all(std::string_view text, bool (*test)(char)) {
  return std::ranges::all_of(text, test);
}

bool is_plain_text(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
}

bool is_host_with_optional_port(std::string_view text) {
  return is_host_name(text) || is_host_and_port(text, false, 1);
}

struct Url {
  std::string_view user_info;  // with its '@'
  std::string_view host_and_port;
  std::string_view rest;
};

// "scheme://authority/rest" when the scheme is one of `schemes`.
std::optional<Url> split_url(std::string_view text, std::initializer_list<std::string_view> schemes) {
  for (const std::string_view scheme : schemes) {
    if (!text.starts_with(scheme) || !text.substr(scheme.size()).starts_with("://")) continue;
    text.remove_prefix(scheme.size() + 3);
    const auto end = std::min(text.find_first_of("/?#"), text.size());
    const auto authority = text.substr(0, end);
    const auto at = authority.rfind('@');
    const std::size_t user_size = at == std::string_view::npos ? 0 : at + 1;
    return Url{authority.substr(0, user_size), authority.substr(user_size), text.substr(end)};
  }
  return std::nullopt;
}

bool has_host(const Url& url) {
  return is_host_name(url.host_and_port) || is_ipv6_literal(url.host_and_port) ||
         is_host_and_port(url.host_and_port, false, 1);
}

std::optional<std::string> check_http_url(std::string_view text) {
  const auto url = split_url(text, {"https", "http"});
  if (!url || !has_host(*url) || !all(text, is_graphic)) {
    return "is no URL that can be used; allowed are https://HOST/PATH and http://HOST/PATH";
  }
  if (!url->user_info.empty()) return "holds a user name or password; allowed is a URL without";
  if (url->rest.find_first_of("?#") != std::string_view::npos)
    return "has a query or fragment; allowed is a URL without";
  return std::nullopt;
}

std::optional<std::string> check_proxy_url(std::string_view text) {
  const auto url = split_url(text, {"http", "https", "socks5", "socks5h"});
  if (!url || !has_host(*url) || !all(text, is_graphic) || (!url->rest.empty() && url->rest != "/")) {
    return "is no proxy; allowed are http://, https://, socks5:// or socks5h:// with [USER:PASSWORD@]HOST[:PORT]";
  }
  return std::nullopt;
}

std::optional<std::string> check_amqp_url(std::string_view text) {
  const auto url = split_url(text, {"amqp", "amqps"});
  bool is_right = url && all(text, is_graphic);
  for (const auto host : std::views::split(url ? url->host_and_port : "", ',')) {
    is_right = is_right && has_host({{}, std::string_view(host), {}});
  }
  if (is_right) return std::nullopt;
  return "is no broker; allowed are amqp:// or amqps:// with [USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]...][/VHOST]";
}

// The last two labels are whose the host is: with a * there it could be anybody's.
std::optional<std::string> check_host_pattern(std::string_view text) {
  std::vector<std::string_view> labels;
  for (const auto label : std::views::split(text, '.')) labels.emplace_back(label);
  const bool is_pattern = is_host_name(text, "*") && std::ranges::all_of(labels, [](std::string_view label) {
                            return !label.empty() && std::ranges::count(label, '*') <= 1;
                          });
  if (!is_pattern) {
    return "is no host pattern; allowed are DNS names without scheme, port and path, in which one * stands for a label "
           "or a part of one, and *. in front for one or more labels";
  }
  const std::size_t fixed = std::min<std::size_t>(labels.size(), 2);
  if (std::ranges::any_of(labels | std::views::drop(labels.size() - fixed),
                          [](std::string_view label) { return label.contains('*'); })) {
    return "matches hosts of anybody; allowed are patterns without * in the last two labels, like *.example.com";
  }
  return std::nullopt;
}

std::optional<std::string> check_metrics_path(std::string_view text) {
  const bool is_path = text.size() > 1 && text.starts_with('/') && !text.contains("//") && !text.ends_with('/') &&
                       std::ranges::all_of(text, [](char c) {
                         return is_alphanumeric(c) || c == '/' || c == '-' || c == '_' || c == '.' || c == '~';
                       });
  if (!is_path) return "is no path; allowed is /NAME with letters, digits and - _ . ~";
  for (const std::string_view taken : {"/livez", "/readyz", "/healthz"}) {
    if (text == taken) return "is taken by a health page; allowed is any other path";
  }
  return std::nullopt;
}

bool is_kubernetes_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && is_lower_alphanumeric(text.front()) &&
         is_lower_alphanumeric(text.back()) &&
         all(text, [](char c) { return is_lower_alphanumeric(c) || c == '-' || c == '.'; });
}

bool is_login(std::string_view text) {
  return !text.empty() && text.size() <= 100 &&
         all(text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; });
}

bool is_glob(std::string_view text) {
  return !text.empty() && text.size() <= 200 && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '*' || c == '?';
  });
}

// Braces would choose the slot of a cluster, the others are wildcards of an ACL.
bool is_key_prefix(std::string_view text) {
  return !text.empty() && text.size() <= 64 && all(text, is_graphic) &&
         text.find_first_of("{}*?[]\\") == std::string_view::npos;
}

std::optional<std::string> unless(bool is_good, const char* message) {
  if (is_good) return std::nullopt;
  return message;
}

}  // namespace

std::optional<std::string> check_format(Format format, std::string_view text) {
  switch (format) {
    case Format::kText:
      return unless(is_plain_text(text), "holds control characters; allowed is one line of text");
    case Format::kListen:
      return unless(is_host_and_port(text, true, 0),
                    "is no address to listen on; allowed are HOST:PORT, :PORT and [IPV6]:PORT with ports 0 to 65535");
    case Format::kHostPort:
      return unless(is_host_and_port(text, false, 1), "is no address; allowed is HOST:PORT with ports 1 to 65535");
    case Format::kRedisAddress:
      return unless(is_host_and_port(text, false, 1) || parse_redis_url(text),
                    "is no address; allowed are HOST:PORT with ports 1 to 65535 and "
                    "redis[s]://[USER:PASSWORD@]HOST[:PORT][/DB]");
    case Format::kHost:
      return unless(is_host_with_optional_port(text), "is no host; allowed are HOST and HOST:PORT");
    case Format::kHostPattern:
      return check_host_pattern(text);
    case Format::kMetricsPath:
      return check_metrics_path(text);
    case Format::kHttpUrl:
      return check_http_url(text);
    case Format::kProxyUrl:
      return check_proxy_url(text);
    case Format::kAmqpUrl:
      return check_amqp_url(text);
    case Format::kLogin:
      return unless(is_login(text), "is no account name; allowed are letters, digits, - and _");
    case Format::kGlob:
      return unless(is_glob(text),
                    "is no repository pattern; allowed are letters, digits, - _ . and the wildcards * ?");
    case Format::kKeyPrefix:
      return unless(is_key_prefix(text),
                    "is no prefix of keys; allowed are 1 to 64 visible ASCII characters other than { } * ? [ ] \\");
    case Format::kVariable:
      return unless(!text.empty() && (text[0] < '0' || text[0] > '9') &&
                        all(text, [](char c) { return is_alphanumeric(c) || c == '_'; }),
                    "is no name of an environment variable; allowed are letters, digits and _");
    case Format::kKubernetes:
      return unless(is_kubernetes_name(text), "is no Kubernetes name; allowed are lower-case letters, digits, - and .");
    case Format::kFile:
    case Format::kSecretFile:
    case Format::kTokenFile:
    case Format::kHashKeyFile:
    case Format::kUrlFile:
    case Format::kPrivateKey:
    case Format::kCertificates:
      return unless(is_plain_text(text) && !text.contains("-----BEGIN"),
                    "holds a file's content; allowed is the path of the file");
  }
  return std::nullopt;
}

bool may_be_shown(Format format) {
  switch (format) {
    case Format::kListen:
    case Format::kHostPort:
    case Format::kRedisAddress:
    case Format::kHost:
    case Format::kHostPattern:
    case Format::kMetricsPath:
    case Format::kLogin:
    case Format::kGlob:
    case Format::kKeyPrefix:
    case Format::kKubernetes:
      return true;
    default:
      return false;
  }
}

}  // namespace ghstats::config
