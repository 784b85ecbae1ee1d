// Which format and encoding a client wants (RFC 9110 section 12.5).
#pragma once

#include <string_view>

#include "metrics/encoder.h"

namespace ghstats::exposition {

// `accept`: the Accept fields, joined with commas; empty if there are none. OpenMetrics 1.0.0 when the client names it
// and does not prefer text/plain 0.0.4; otherwise text, also when nothing we have is acceptable. Elements that do not
// parse, and versions we do not speak, are ignored.
metrics::Format negotiate_format(std::string_view accept);

// `accept_encoding` likewise. True when gzip is acceptable and identity is not preferred to it.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace ghstats::exposition
