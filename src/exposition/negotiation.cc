#include "exposition/negotiation.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace ghstats::exposition {
namespace {

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// The part before the first `separator` outside quotes; `rest` becomes what is behind it.
std::string_view next_part(std::string_view& rest, char separator) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size(); ++end) {
    if (rest[end] == '"') quoted = !quoted;
    if (quoted && rest[end] == '\\') ++end;
    if (!quoted && end < rest.size() && rest[end] == separator) break;
  }
  end = std::min(end, rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trim(part);
}

// "0", "0.5", "1.000": at most three digits behind the point.
std::optional<int> parse_thousandths(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int value = text[0] - '0';
  for (std::size_t i = 2; i < 5; ++i) {
    const char digit = i < text.size() ? text[i] : '0';
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + (digit - '0');
  }
  return value <= 1000 ? std::optional(value) : std::nullopt;
}

// One element of an Accept or Accept-Encoding field.
struct Element {
  std::string_view name;
  std::string_view version;  // empty: none asked for
  int quality = 1000;        // thousandths
};

std::optional<Element> next_element(std::string_view& rest) {
  std::string_view text = next_part(rest, ',');
  Element element{.name = next_part(text, ';'), .version = {}};
  if (element.name.empty()) return std::nullopt;
  while (!text.empty()) {
    std::string_view value = next_part(text, ';');
    const std::string_view name = next_part(value, '=');
    if (equal_without_case(name, "q")) {
      const auto quality = parse_thousandths(value);
      if (!quality) return std::nullopt;
      element.quality = *quality;
    } else if (equal_without_case(name, "version")) {
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
      element.version = value;
    }
  }
  return element;
}

// The quality of the most specific element that covers an offer.
struct Preference {
  int specificity = 0;  // 0: not mentioned
  int quality = 0;

  void consider(int how_specific, int how_good) {
    if (std::pair(how_specific, how_good) > std::pair(specificity, quality)) *this = {how_specific, how_good};
  }
};

constexpr int kAnything = 1;
constexpr int kTypeOnly = 2;
constexpr int kNamed = 3;
constexpr int kVersionNamed = 4;

void consider_media(Preference& offer, const Element& element, std::string_view type, std::string_view range,
                    std::string_view version) {
  if (equal_without_case(element.name, type)) {
    if (element.version.empty()) offer.consider(kNamed, element.quality);
    if (element.version == version) offer.consider(kVersionNamed, element.quality);
  } else if (equal_without_case(element.name, range)) {
    offer.consider(kTypeOnly, element.quality);
  } else if (element.name == "*/*") {
    offer.consider(kAnything, element.quality);
  }
}

}  // namespace

metrics::Format negotiate_format(std::string_view accept) {
  Preference text;
  Preference open;
  while (!accept.empty()) {
    const auto element = next_element(accept);
    if (!element) continue;
    consider_media(text, *element, "text/plain", "text/*", "0.0.4");
    consider_media(open, *element, "application/openmetrics-text", "application/*", "1.0.0");
  }
  // A wildcard alone is no wish for OpenMetrics: browsers and curl send one.
  const bool wanted = open.specificity >= kNamed ? open.quality >= text.quality : open.quality > text.quality;
  return open.quality > 0 && wanted ? metrics::Format::kOpenMetrics100 : metrics::Format::kText004;
}

bool accepts_gzip(std::string_view accept_encoding) {
  Preference gzip;
  Preference identity;
  while (!accept_encoding.empty()) {
    const auto element = next_element(accept_encoding);
    if (!element) continue;
    if (equal_without_case(element->name, "gzip") || equal_without_case(element->name, "x-gzip")) {
      gzip.consider(kNamed, element->quality);
    } else if (equal_without_case(element->name, "identity")) {
      identity.consider(kNamed, element->quality);
    } else if (element->name == "*") {
      gzip.consider(kAnything, element->quality);
    }
  }
  return gzip.quality > 0 && gzip.quality >= identity.quality;
}

}  // namespace ghstats::exposition
