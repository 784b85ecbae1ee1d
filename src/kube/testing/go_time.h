// Go's time.Parse and Format with the layout of MicroTime, and what it says about a text that it does not take. Written
// from Go's behaviour and not from kube/micro_time.h, so that an error there does not hide itself here.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace ghstats::kube::testing {

// Microseconds since 1970, of the years 0 to 9999. The error is Go's.
std::expected<std::int64_t, std::string> parse_go_micro_time(std::string_view text);

std::string go_micro_time(std::int64_t micros);

// Go's %q of ordinary text.
std::string go_quoted(std::string_view text);

}  // namespace ghstats::kube::testing
