#include "config/interpolate.h"

#include <fmt/format.h>

#include <algorithm>

namespace ghstats::config {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool is_variable_name(std::string_view name) {
  return !name.empty() && is_letter(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); });
}

Result<Interpolated> interpolate(std::string_view text, const Environment& environment) {
  Interpolated out;
  while (!text.empty()) {
    if (text.starts_with("$${")) {
      out.text += "${";
      text.remove_prefix(3);
      continue;
    }
    if (!text.starts_with("${")) {
      out.text += text.front();
      text.remove_prefix(1);
      continue;
    }
    const auto end = text.find('}');
    const std::string name(text.substr(2, end == std::string_view::npos ? 0 : end - 2));
    if (!is_variable_name(name)) {
      return fail(ErrorCode::kInvalidArgument,
                  "'${' starts no ${NAME}; a name has letters, digits and underscores, and $${ stands for ${");
    }
    const auto value = environment.variable(name);
    if (!value) return fail(ErrorCode::kInvalidArgument, fmt::format("environment variable {} is not set", name));
    out.text += *value;
    out.uses_environment = true;
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string escape_interpolation(std::string_view literal) {
  std::string out;
  for (std::size_t i = 0; i < literal.size(); ++i) {
    if (literal.substr(i, 2) == "${") out += '$';
    out += literal[i];
  }
  return out;
}

}  // namespace ghstats::config
