// Pagination by the Link header (RFC 8288).
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "http/message.h"

namespace ghstats::github {

// The target of rel="next" exactly as written, absent when there is none. kInvalidData when a Link header does not
// parse: ignoring it would silently cut a list.
Result<std::optional<std::string>> next_link(const http::Headers& headers);

}  // namespace ghstats::github
