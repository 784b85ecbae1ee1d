#include "http/message.h"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <cstdint>

namespace ghstats::http {
namespace urls = boost::urls;

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string_view view(urls::string_view text) {
  return {text.data(), text.size()};
}

// Boost.URL 1.81 reads "https://h:x/" as host h and path "x/"; other parsers do not (RFC 3986 3.3).
bool path_follows_authority(const urls::url_view& url) {
  return !url.has_authority() || url.encoded_path().empty() || view(url.encoded_path()).starts_with('/');
}

bool unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const Header& field : fields_) {
    if (same_name(field.name, name)) return field.value;
  }
  return std::nullopt;
}

Result<Origin> origin_of(std::string_view url) {
  // The text itself stays out of the messages: a URL may carry a signature or a password.
  const auto parsed = urls::parse_uri({url.data(), url.size()});
  if (!parsed || !path_follows_authority(*parsed)) return fail(ErrorCode::kInvalidArgument, "not an absolute URL");
  Origin origin;
  origin.scheme = lower_case(view(parsed->scheme()));
  if (origin.scheme != "http" && origin.scheme != "https") {
    return fail(ErrorCode::kInvalidArgument, "the URL's scheme is neither http nor https");
  }
  if (parsed->has_userinfo()) return fail(ErrorCode::kInvalidArgument, "the URL holds user information");
  origin.host = lower_case(view(parsed->encoded_host()));
  // An escaped host could be read differently by two parsers.
  if (origin.host.empty() || origin.host.find('%') != std::string::npos) {
    return fail(ErrorCode::kInvalidArgument, "the URL has no plain host name");
  }
  origin.port = origin.scheme == "https" ? 443 : 80;
  const auto digits = view(parsed->port());
  if (!digits.empty()) {
    // Not port_number(), which wraps around.
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), origin.port);
    if (error != std::errc{} || end != digits.data() + digits.size() || origin.port == 0) {
      return fail(ErrorCode::kInvalidArgument, "the URL's port is not in 1..65535");
    }
  }
  return origin;
}

Result<std::string> resolve_url(std::string_view base, std::string_view reference) {
  const auto from = urls::parse_uri({base.data(), base.size()});
  if (!from) return fail(ErrorCode::kInvalidArgument, "the base is not an absolute URL");
  const auto to = urls::parse_uri_reference({reference.data(), reference.size()});
  if (!to || !path_follows_authority(*to)) return fail(ErrorCode::kInvalidArgument, "not a URL reference");
  urls::url out;
  const auto resolved = urls::resolve(*from, *to, out);
  if (!resolved) return fail(ErrorCode::kInvalidArgument, "the URL reference cannot be resolved");
  return std::string(out.c_str(), out.size());
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (unreserved(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    out.push_back('%');
    out.push_back(kHex[byte >> 4U]);
    out.push_back(kHex[byte & 15U]);
  }
  return out;
}

}  // namespace ghstats::http
