// What strings of each Format look like.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/table.h"

namespace ghstats::config {

// nullopt: well-formed. Otherwise what is wrong and what is allowed, as it goes on after the quoted text: "is no ...".
// The message never repeats the text.
std::optional<std::string> check_format(Format format, std::string_view text);

// Whether an error may show the text: not where it may hold a credential.
bool may_be_shown(Format format);

}  // namespace ghstats::config
