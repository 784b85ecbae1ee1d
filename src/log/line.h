// One log line, without the newline, in either format.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "log/field.h"

namespace ghstats::log {

// {"ts":...,"level":...,"msg":...,"component":..., fields...}. A field that is called like one of these four is written
// as "field.<name>"; a number that JSON cannot hold becomes the string "NaN", "+Inf" or "-Inf".
std::string json_line(TimePoint at, Level level, std::string_view component, std::string_view message,
                      std::initializer_list<Field> fields);

// 2026-11-23T04:41:29.123Z INFO  planner: message key=value other="two words"
std::string text_line(TimePoint at, Level level, std::string_view component, std::string_view message,
                      std::initializer_list<Field> fields);

}  // namespace ghstats::log
