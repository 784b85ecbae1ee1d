#include "metrics/encoder.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace ghstats::metrics {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte != 0 && byte < 0x80 && c != '\\' && c != '"' && c != '\n';
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// The length of the well-formed UTF-8 sequence (Unicode table 3-7) at the start of `text`, 0 if there is none.
std::size_t utf8_sequence(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool surrogate = lead == 0xED && second > 0x9F;
  const bool beyond = lead == 0xF4 && second > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

template <class Strings>
void append_label_block(std::string& out, std::span<const std::string_view> names, Strings values) {
  char separator = '{';
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view value = values[i];
    if (value.empty()) continue;
    out += separator;
    out += names[i];
    out += "=\"";
    append_escaped(out, value);
    out += '"';
    separator = ',';
  }
  if (separator == ',') out += '}';
}

void append_help_text(std::string& out, std::string_view help, Format format) {
  for (const char c : help) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || (c == '"' && format == Format::kOpenMetrics100)) out += '\\';
    out += c;
  }
}

// OpenMetrics names a counter's family without the suffix of its sample.
std::string_view family_name(const FamilyInfo& family, Format format) {
  constexpr std::string_view kTotal = "_total";
  std::string_view name = family.name;
  if (format == Format::kOpenMetrics100 && family.type == Type::kCounter && name.ends_with(kTotal)) {
    name.remove_suffix(kTotal.size());
  }
  return name;
}

void append_metadata(std::string& out, std::string_view keyword, std::string_view name) {
  out += "# ";
  out += keyword;
  out += ' ';
  out += name;
  out += ' ';
}

}  // namespace

std::string bucket_bound(double bound) {
  std::string text;
  append_number(text, bound);
  if (std::isfinite(bound) && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

void append_number(std::string& out, double value) {
  constexpr double kLargestPlainInteger = 1e15;
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value > 0 ? kInfinity : "-Inf";
    return;
  }
  std::array<char, 32> digits;
  const bool integral = std::abs(value) < kLargestPlainInteger && value == std::trunc(value);
  const auto end = integral ? std::to_chars(digits.begin(), digits.end(), static_cast<std::int64_t>(value))
                            : std::to_chars(digits.begin(), digits.end(), value);
  out.append(digits.begin(), end.ptr);
}

void append_escaped(std::string& out, std::string_view label_value) {
  while (!label_value.empty()) {
    std::size_t plain = 0;
    while (plain < label_value.size() && is_plain(label_value[plain])) ++plain;
    out += label_value.substr(0, plain);
    label_value.remove_prefix(plain);
    if (label_value.empty()) return;

    std::size_t taken = 1;
    switch (label_value[0]) {
      case '\\':
        out += "\\\\";
        break;
      case '"':
        out += "\\\"";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\0':
        out += kReplacement;
        break;
      default:
        if (const std::size_t length = utf8_sequence(label_value); length > 0) {
          out += label_value.substr(0, length);
          taken = length;
        } else {
          out += kReplacement;
        }
    }
    label_value.remove_prefix(taken);
  }
}

void append_labels(std::string& out, std::span<const std::string_view> names, std::span<const std::string> values) {
  append_label_block(out, names, values);
}
void append_labels(std::string& out, std::span<const std::string_view> names,
                   std::span<const std::string_view> values) {
  append_label_block(out, names, values);
}

std::vector<std::string> label_values(std::span<const std::string_view> names, std::string_view labels) {
  std::vector<std::string> out(names.size());
  const auto skip = [&](std::size_t count) { labels.remove_prefix(std::min(count, labels.size())); };
  skip(1);  // {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_there = labels.starts_with(names[i]) && labels.substr(names[i].size()).starts_with("=\"");
    if (!is_there) continue;
    skip(names[i].size() + 2);
    while (!labels.empty() && labels.front() != '"') {
      const bool is_escaped = labels.front() == '\\' && labels.size() > 1;
      if (is_escaped) skip(1);
      out[i] += is_escaped && labels.front() == 'n' ? '\n' : labels.front();
      skip(1);
    }
    skip(2);  // " and what follows it
  }
  return out;
}

void append_sample(std::string& out, std::string_view name, std::string_view labels, double value) {
  out += name;
  out += labels;
  out += ' ';
  append_number(out, value);
  out += '\n';
}

void append_histogram(std::string& out, const FamilyInfo& family, std::span<const std::string> label_values,
                      std::span<const double> cumulative, double sum) {
  std::string labels;
  append_labels(labels, family.labels, label_values);
  const std::string open = labels.empty() ? "{" : labels.substr(0, labels.size() - 1) + ",";
  std::string name(family.name);
  name += "_bucket";
  for (std::size_t i = 0; i <= family.buckets.size(); ++i) {
    const std::string bound = i < family.buckets.size() ? bucket_bound(family.buckets[i]) : std::string(kInfinity);
    append_sample(out, name, open + "le=\"" + bound + "\"}", cumulative[i]);
  }
  name.replace(family.name.size(), std::string::npos, "_sum");
  append_sample(out, name, labels, sum);
  name.replace(family.name.size(), std::string::npos, "_count");
  append_sample(out, name, labels, cumulative.back());
}

void append_header(std::string& out, const FamilyInfo& family, Format format) {
  const std::string_view name = family_name(family, format);
  const auto type = [&] {
    append_metadata(out, "TYPE", name);
    out += to_string(family.type);
    out += '\n';
  };
  const auto help = [&] {
    append_metadata(out, "HELP", name);
    append_help_text(out, family.help, format);
    out += '\n';
  };
  if (format == Format::kText004) {
    help();
    type();
    return;
  }
  type();
  if (!family.unit.empty()) {
    append_metadata(out, "UNIT", name);
    out += family.unit;
    out += '\n';
  }
  help();
}

std::string_view page_end(Format format) {
  return format == Format::kOpenMetrics100 ? "# EOF\n" : "";
}

std::string_view content_type(Format format) {
  return format == Format::kOpenMetrics100 ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                           : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace ghstats::metrics
