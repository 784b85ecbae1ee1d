// Credentials kept out of text that goes to people.
#pragma once

#include <string>
#include <string_view>

namespace ghstats {

// `text` with the user info of everything that looks like a URL replaced: "redis://<redacted>@host:6379". A password
// may hold a '/' that was not encoded, so all up to the last '@' before a blank or a quote counts as user info.
std::string without_user_info(std::string_view text);

}  // namespace ghstats
