// Kubernetes' MicroTime: an instant as text, in exactly microseconds (apimachinery, pkg/apis/meta/v1/micro_time.go).
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace ghstats::kube {

// "2026-11-23T03:40:00.123456Z". Rounds down.
std::string format_micro_time(TimePoint t);

// What an API server writes, and whatever else Go's layout "2006-01-02T15:04:05.000000Z07:00" takes: six digits after a
// point or a comma, 'Z' or an offset (until 24:60), an hour of one digit; no leap second. kInvalidData names the text.
// Years before 1700 and after 2200 become the first and the last instant that is told apart.
Result<TimePoint> parse_micro_time(std::string_view text);

}  // namespace ghstats::kube
