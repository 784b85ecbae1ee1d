#include "config/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "config/formats.h"
#include "config/overloaded.h"
#include "config/problem.h"

namespace ghstats::config {
namespace {

using Failure = std::optional<Wrong>;

std::string show(Given given) {
  return given.is_hidden ? "the value" : quoted(given.text);
}

Wrong wrong_type(std::string message) {
  return {.message = std::move(message)};
}
Wrong wrong_value(std::string message) {
  return {.message = std::move(message), .is_value = true};
}

Wrong out_of_range(const KeySpec& spec, Given given) {
  return wrong_value(fmt::format("{} is out of range; allowed is {}", show(given), describe_bounds(spec)));
}

template <class Number>
bool in_bounds(const KeySpec& spec, Number value) {
  return value >= static_cast<Number>(spec.min) && (spec.max == kUnbounded || value <= static_cast<Number>(spec.max));
}

// Decimal only: YAML 1.1 would read 012 as 10 and 0x1F as 31.
Failure assign_integer(const KeySpec& spec, std::int64_t& value, Given given) {
  const std::string_view text = given.text;
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  const bool is_decimal = !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }) &&
                          (digits.size() == 1 || digits.front() != '0');
  if (!is_decimal) {
    return wrong_type(
        fmt::format("{} is not an integer; allowed are decimal digits without leading zeros", show(given)));
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || !in_bounds(spec, number)) return out_of_range(spec, given);
  value = number;
  return std::nullopt;
}

Failure assign_number(const KeySpec& spec, double& value, Given given) {
  const std::string_view text = given.text;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) {
    return wrong_type(fmt::format("{} is not a number; allowed are decimals such as 0.05", show(given)));
  }
  if (!in_bounds(spec, number)) return out_of_range(spec, given);
  value = number;
  return std::nullopt;
}

Failure assign_boolean(bool& value, Given given) {
  if (given.text != "true" && given.text != "false") {
    return wrong_type(fmt::format("{} is not a boolean; allowed are true and false", show(given)));
  }
  value = given.text == "true";
  return std::nullopt;
}

Failure assign_duration(const KeySpec& spec, Duration& value, Given given) {
  const auto duration = parse_duration(given.text);
  if (!duration) {
    return wrong_type(
        fmt::format("{} is not a duration; allowed are number and unit (ms, s, m, h, d, w), largest unit first, such "
                    "as 300ms, 30s, 1h30m, 7d or 2w, up to 100 years",
                    show(given)));
  }
  if (!in_bounds(spec, duration->count())) return out_of_range(spec, given);
  value = *duration;
  return std::nullopt;
}

Failure assign_enum(const EnumSlot& slot, Given given) {
  const auto name = std::ranges::find(slot.names, given.text);
  if (name == slot.names.end()) {
    return wrong_type(fmt::format("{} is not allowed; allowed {} {}", show(given),
                                  slot.names.size() == 1 ? "is" : "are",
                                  alternatives({slot.names.begin(), slot.names.end()})));
  }
  slot.set(slot.value, static_cast<std::size_t>(name - slot.names.begin()));
  return std::nullopt;
}

Failure check_string(const KeySpec& spec, Given given) {
  const auto wrong = check_format(spec.format, given.text);
  if (!wrong) return std::nullopt;
  given.is_hidden = given.is_hidden || !may_be_shown(spec.format);
  return wrong_value(fmt::format("{} {}", show(given), *wrong));
}

}  // namespace

std::optional<Wrong> assign(const KeySpec& spec, const Slot& slot, Given given) {
  const auto store_string = [&](auto store) -> Failure {
    if (auto wrong = check_string(spec, given)) return wrong;
    store(std::string(given.text));
    return std::nullopt;
  };
  return std::visit(
      Overloaded{
          [&](std::string* value) { return store_string([&](std::string text) { *value = std::move(text); }); },
          [&](std::int64_t* value) { return assign_integer(spec, *value, given); },
          [&](double* value) { return assign_number(spec, *value, given); },
          [&](bool* value) { return assign_boolean(*value, given); },
          [&](Duration* value) { return assign_duration(spec, *value, given); },
          [&](const EnumSlot& value) { return assign_enum(value, given); },
          [&](std::vector<std::string>* value) {
            return store_string([&](std::string text) { value->push_back(std::move(text)); });
          },
          [&](std::vector<Duration>* value) {
            Duration item{};
            auto wrong = assign_duration(spec, item, given);
            if (!wrong) value->push_back(item);
            return wrong;
          },
          [&](Secret* value) -> Failure {
            *value = Secret(std::string(given.text));
            return std::nullopt;
          },
          [&](CredentialUrl* value) {
            return store_string([&](std::string text) { *value = CredentialUrl(std::move(text)); });
          },
          [&](std::vector<Org>*) -> Failure { return wrong_type("is text; allowed is a list of maps"); },
      },
      slot);
}

std::string describe_bounds(const KeySpec& spec) {
  Config config;
  Org org;
  const Slot slot = spec.slot({config, &org});
  const bool is_duration =
      std::holds_alternative<Duration*>(slot) || std::holds_alternative<std::vector<Duration>*>(slot);
  if (!is_duration && !std::holds_alternative<std::int64_t*>(slot) && !std::holds_alternative<double*>(slot)) return "";
  const auto text = [&](std::int64_t bound) {
    return is_duration ? format_duration(Duration{bound}) : std::to_string(bound);
  };
  if (spec.max == kUnbounded) return fmt::format("{} or more", text(spec.min));
  return fmt::format("{} to {}", text(spec.min), text(spec.max));
}

}  // namespace ghstats::config
