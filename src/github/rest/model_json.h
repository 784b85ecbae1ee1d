// Objects that several endpoints hold.
#pragma once

#include <optional>
#include <string_view>

#include "github/rest/json_reader.h"
#include "github/rest/model.h"

namespace ghstats::github {

enum class EmptyAccount { kIsAnError, kMeansAbsent };

// Absent when the field is missing or null, and for {} when that is allowed (commits: github-api.md 3.4).
std::optional<Account> read_account(JsonObject& parent, std::string_view field,
                                    EmptyAccount empty = EmptyAccount::kIsAnError);

// As lists and GET /repos/{o}/{r} show it.
Repository read_repository(JsonObject& json);

Comment read_comment(JsonObject& json);

// As lists and GET /repos/{o}/{r}/issues/{number} show it.
Issue read_issue(JsonObject& json);

}  // namespace ghstats::github
