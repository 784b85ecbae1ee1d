#include "sim/rest/query.h"

#include <algorithm>
#include <charconv>

#include "base/time_format.h"
#include "http/message.h"

namespace ghstats::sim {
namespace {

std::string decode_parameter(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced);
}

}  // namespace

std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const auto* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() && std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      decoded += static_cast<char>(value);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

Query::Query(std::string_view text) {
  while (!text.empty()) {
    const auto part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (part.empty()) continue;
    const auto equals = std::min(part.find('='), part.size());
    const auto value = part.substr(std::min(equals + 1, part.size()));
    parameters_.emplace_back(decode_parameter(part.substr(0, equals)), decode_parameter(value));
  }
}

std::optional<std::string> Query::get(std::string_view name) const {
  for (auto it = parameters_.rbegin(); it != parameters_.rend(); ++it) {
    if (it->first == name) return it->second;
  }
  return std::nullopt;
}

std::string Query::get_or(std::string_view name, std::string_view otherwise) const {
  return get(name).value_or(std::string(otherwise));
}

Result<std::optional<TimePoint>> Query::time(std::string_view name) const {
  auto text = get(name);
  if (!text || text->empty()) return std::nullopt;
  // An unescaped "+01:00" arrives as " 01:00".
  std::replace(text->begin(), text->end(), ' ', '+');
  const auto t = parse_rfc3339(*text);
  if (!t) return std::unexpected(t.error());
  return *t;
}

std::string Query::with_page(std::size_t page) const {
  std::string text;
  for (const auto& [name, value] : parameters_) {
    if (name == "page") continue;
    if (!text.empty()) text += '&';
    text += http::percent_encode(name) + '=' + http::percent_encode(value);
  }
  if (!text.empty()) text += '&';
  return text + "page=" + std::to_string(page);
}

}  // namespace ghstats::sim
