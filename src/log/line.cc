#include "log/line.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <variant>

#include "base/redact.h"
#include "base/time_format.h"
#include "log/escape.h"

namespace ghstats::log {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

// Nobody logs credentials, but an error that somebody else worded may repeat a URL.
bool may_hold_user_info(std::string_view text) {
  return text.contains('@') && text.contains("://");
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  if (may_hold_user_info(text)) {
    append_json_escaped(out, without_user_info(text));
  } else {
    append_json_escaped(out, text);
  }
  out += '"';
}

void append_text_string(std::string& out, std::string_view text) {
  if (may_hold_user_info(text)) {
    append_text_value(out, without_user_info(text));
  } else {
    append_text_value(out, text);
  }
}

std::string_view name_of_non_finite(double value) {
  if (std::isnan(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

void append_json_value(std::string& out, const Field::Value& value) {
  std::visit(Overloaded{
                 [&](std::string_view text) { append_json_string(out, text); },
                 [&](bool flag) { out += flag ? "true" : "false"; },
                 [&](double number) {
                   if (std::isfinite(number)) {
                     fmt::format_to(std::back_inserter(out), "{}", number);
                   } else {
                     append_json_string(out, name_of_non_finite(number));
                   }
                 },
                 [&](auto integer) { fmt::format_to(std::back_inserter(out), "{}", integer); },
             },
             value);
}

void append_text_field_value(std::string& out, const Field::Value& value) {
  std::visit(Overloaded{
                 [&](std::string_view text) { append_text_string(out, text); },
                 [&](bool flag) { out += flag ? "true" : "false"; },
                 [&](double number) {
                   if (std::isfinite(number)) {
                     fmt::format_to(std::back_inserter(out), "{}", number);
                   } else {
                     out += name_of_non_finite(number);
                   }
                 },
                 [&](auto integer) { fmt::format_to(std::back_inserter(out), "{}", integer); },
             },
             value);
}

bool is_reserved(std::string_view key) {
  return key == "ts" || key == "level" || key == "msg" || key == "component";
}

std::string_view upper_case_name(Level level) {
  switch (level) {
    case Level::kDebug:
      return "DEBUG";
    case Level::kInfo:
      return "INFO ";
    case Level::kWarn:
      return "WARN ";
    case Level::kError:
      return "ERROR";
  }
  return "ERROR";
}

}  // namespace

std::string json_line(TimePoint at, Level level, std::string_view component, std::string_view message,
                      std::initializer_list<Field> fields) {
  std::string out = fmt::format(R"({{"ts":"{}","level":"{}","msg":)", format_rfc3339_ms(at), to_string(level));
  append_json_string(out, message);
  out += R"(,"component":)";
  append_json_string(out, component);
  for (const Field& field : fields) {
    out += ",\"";
    if (is_reserved(field.key)) out += "field.";
    append_json_escaped(out, field.key);
    out += "\":";
    append_json_value(out, field.value);
  }
  out += '}';
  return out;
}

std::string text_line(TimePoint at, Level level, std::string_view component, std::string_view message,
                      std::initializer_list<Field> fields) {
  std::string out = fmt::format("{} {} ", format_rfc3339_ms(at), upper_case_name(level));
  append_text_escaped(out, component, false);
  out += ": ";
  append_text_escaped(out, may_hold_user_info(message) ? without_user_info(message) : std::string(message), false);
  for (const Field& field : fields) {
    out += ' ';
    append_text_value(out, field.key);
    out += '=';
    append_text_field_value(out, field.value);
  }
  return out;
}

}  // namespace ghstats::log
