// Bytes of the Prometheus exposition formats. Both formats share sample lines; only headers and the end differ.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "metrics/catalogue.h"

namespace ghstats::metrics {

enum class Format : std::uint8_t { kText004, kOpenMetrics100 };

// How histogram samples name their parts (recorder.h): a bucket by its upper bound, the sum by this word.
inline constexpr std::string_view kHistogramSum = "sum";
inline constexpr std::string_view kInfinity = "+Inf";

// The one spelling of a bucket's upper bound, valid as `le` in both formats: "0.1", "1.0", "+Inf" (OpenMetrics wants
// the point; text 0.0.4 takes any number).
std::string bucket_bound(double bound);

// The shortest spelling that reads back to the same value; integers below 10^15 without exponent; "+Inf", "-Inf",
// "NaN".
void append_number(std::string& out, double value);

// Everything a label value may hold: \, " and line feed are escaped; NUL and bytes that are not UTF-8 become U+FFFD,
// because a page with one of them is refused as a whole.
void append_escaped(std::string& out, std::string_view label_value);

// {a="1",b="2"} in the order given. A label with an empty value is left out (Prometheus makes no difference); nothing
// is appended when none is left. names.size() <= values.size(); further values are not looked at.
void append_labels(std::string& out, std::span<const std::string_view> names, std::span<const std::string> values);
void append_labels(std::string& out, std::span<const std::string_view> names, std::span<const std::string_view> values);

// The values that append_labels made `labels` of, as it wrote them; "" for those it left out.
std::vector<std::string> label_values(std::span<const std::string_view> names, std::string_view labels);

// `labels` as append_labels made it, or empty.
void append_sample(std::string& out, std::string_view name, std::string_view labels, double value);

// One histogram's lines: name_bucket for each bound of the catalogue and +Inf, name_sum, name_count. `cumulative` has
// one number more than the family has bounds; the last is +Inf's and the count.
void append_histogram(std::string& out, const FamilyInfo& family, std::span<const std::string> label_values,
                      std::span<const double> cumulative, double sum);

// HELP and TYPE (text 0.0.4) or TYPE, UNIT and HELP (OpenMetrics, counters without _total).
void append_header(std::string& out, const FamilyInfo& family, Format format);

// What ends a page: "# EOF\n" or nothing.
std::string_view page_end(Format format);

// The exact Content-Type.
std::string_view content_type(Format format);

}  // namespace ghstats::metrics
