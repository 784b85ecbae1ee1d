#include "amqp/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace ghstats::amqp {

namespace {

constexpr std::uint16_t kPort = 5672;
constexpr std::uint16_t kTlsPort = 5671;
constexpr std::string_view kSeparator = "://";

std::unexpected<Error> wrong(std::string_view why) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("the AMQP URL {}; allowed is amqp[s]://[USER[:PASSWORD]@]HOST[:PORT][,...][/VHOST]", why));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// `what` is told instead of the text, which may be secret.
Result<std::string> decode(std::string_view text, std::string_view what) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0)
      return wrong(fmt::format("has a '%' in the {} that two hexadecimal digits do not follow", what));
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (out.find('\0') != std::string::npos) return wrong(fmt::format("has a NUL byte in the {}", what));
  return out;
}

Result<Credentials> parse_credentials(std::string_view text) {
  const auto colon = text.find(':');
  auto user = decode(text.substr(0, colon), "user");
  if (!user) return std::unexpected(user.error());
  if (user->empty()) return wrong("has an empty user");
  Credentials credentials{.username = *std::move(user), .password = {}};
  if (colon == std::string_view::npos) return credentials;
  auto password = decode(text.substr(colon + 1), "password");
  if (!password) return std::unexpected(password.error());
  credentials.password = *std::move(password);
  return credentials;
}

// "host", "host:port", "[::1]", "[::1]:port"
Result<net::Endpoint> parse_host(std::string_view text, std::uint16_t default_port) {
  const auto bracket = text.rfind(']');
  const auto colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  const std::string whole = has_port ? std::string(text) : fmt::format("{}:{}", text, default_port);
  auto endpoint = net::parse_endpoint(whole);
  // Not shown: where the '@' was forgotten this is user and password.
  if (!endpoint) return wrong("has no valid HOST or HOST:PORT where one must be");
  return endpoint;
}

template <class Number>
Result<Number> parse_number(std::string_view name, std::string_view text, Number largest) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0 || number > largest) {
    return wrong(fmt::format("has an option {} that is no number from 0 to {}", name, largest));
  }
  return number;
}

Status parse_option(std::string_view option, Url& url) {
  const auto equals = option.find('=');
  const std::string_view name = option.substr(0, equals);
  const std::string_view value = equals == std::string_view::npos ? "" : option.substr(equals + 1);
  if (name == "heartbeat") {
    auto seconds = parse_number<int>(name, value, UINT16_MAX);
    if (!seconds) return std::unexpected(seconds.error());
    url.heartbeat = std::chrono::seconds{*seconds};
  } else if (name == "connection_timeout") {
    constexpr int kHour = 3'600'000;
    auto milliseconds = parse_number<int>(name, value, kHour);
    if (!milliseconds) return std::unexpected(milliseconds.error());
    url.connection_timeout = std::chrono::milliseconds{*milliseconds};
  } else if (name == "name") {
    auto decoded = decode(value, "option name");
    if (!decoded) return std::unexpected(decoded.error());
    url.connection_name = *std::move(decoded);
  } else {
    return wrong("has an unknown option; there are heartbeat, connection_timeout and name");
  }
  return {};
}

Status parse_hosts(std::string_view text, Url& url) {
  const std::uint16_t port = url.tls ? kTlsPort : kPort;
  for (;;) {
    const auto comma = text.find(',');
    auto host = parse_host(text.substr(0, comma), port);
    if (!host) return std::unexpected(host.error());
    url.hosts.push_back(*std::move(host));
    if (comma == std::string_view::npos) return {};
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  constexpr std::size_t kShortString = 255;
  Url url;
  const auto separator = text.find(kSeparator);
  const std::string_view scheme = text.substr(0, separator);
  if (separator == std::string_view::npos || (scheme != "amqp" && scheme != "amqps")) {
    return wrong("begins with neither amqp:// nor amqps://");
  }
  url.tls = scheme == "amqps";
  text.remove_prefix(separator + kSeparator.size());

  // A password may hold anything that was not encoded, so all up to the last '@' is user info; hosts have none, and a
  // vhost or an option with one must be encoded.
  const auto at = text.rfind('@');
  if (at != std::string_view::npos) {
    auto credentials = parse_credentials(text.substr(0, at));
    if (!credentials) return std::unexpected(credentials.error());
    url.credentials = *std::move(credentials);
    text.remove_prefix(at + 1);
  }
  const auto question = text.find('?');
  std::string_view options = question == std::string_view::npos ? "" : text.substr(question + 1);
  text = text.substr(0, question);
  const auto slash = text.find('/');
  auto hosts = parse_hosts(text.substr(0, slash), url);
  if (!hosts) return std::unexpected(hosts.error());
  if (slash != std::string_view::npos && slash + 1 < text.size()) {
    const std::string_view vhost = text.substr(slash + 1);
    if (vhost.find('/') != std::string_view::npos) return wrong("has a '/' in the vhost that is not written as %2F");
    auto decoded = decode(vhost, "vhost");
    if (!decoded) return std::unexpected(decoded.error());
    if (decoded->size() > kShortString) return wrong("has a vhost of more than 255 bytes");
    url.vhost = *std::move(decoded);
  }
  while (!options.empty()) {
    const auto end = std::min(options.find('&'), options.size());
    auto parsed = parse_option(options.substr(0, end), url);
    if (!parsed) return std::unexpected(parsed.error());
    options.remove_prefix(std::min(end + 1, options.size()));
  }
  return url;
}

}  // namespace ghstats::amqp
