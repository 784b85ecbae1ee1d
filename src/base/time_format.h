// RFC 3339 / ISO 8601 instants, as GitHub and our logs write them.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace ghstats {

// "2026-11-23T04:41:29Z" and with milliseconds "2026-11-23T04:41:29.123Z". Rounds down.
std::string format_rfc3339(TimePoint t);
std::string format_rfc3339_ms(TimePoint t);

// Accepts what GitHub sends: "2011-04-14T16:00:49Z", fractional seconds, and numeric offsets "-04:00".
// kInvalidData names the text when it is anything else, including dates that do not exist. Years before 1700 and after
// 2200 become the first and the last instant that is told apart.
Result<TimePoint> parse_rfc3339(std::string_view text);

// The HTTP Date header: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7, the preferred format only).
Result<TimePoint> parse_http_date(std::string_view text);
std::string format_http_date(TimePoint t);

}  // namespace ghstats
