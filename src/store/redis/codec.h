// What the store keeps in Redis but for value sets (value_codec.h), as bytes (docs/store.md). Parsing never trusts:
// kInvalidData.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "ledger/event.h"
#include "store/lines_of_code.h"
#include "store/store.h"

namespace ghstats::store {

// An event is a field, which identifies it inside its repository as a ledger does (ledger::make_key), and a value,
// which is what was told of it. Two values compare as the tellings do: by version, time, user.
std::string pack_event_field(const ledger::Event& event);
std::string pack_event_value(const ledger::Event& event);
// None: of a kind that this version does not know.
Result<std::optional<ledger::Event>> parse_event(RepoId repo, std::string_view field, std::string_view value);

std::string pack_name(const RepositoryName& name);
Result<RepositoryName> parse_name(RepoId id, std::string_view bytes);

// The server looks at `asked_at` (first), the number of series (ninth byte) and `week` (24th).
std::string pack_loc(const LocRecord& record);
// None: of a mode or phase that this version does not know.
Result<std::optional<LocRecord>> parse_loc(RepoId repo, std::string_view bytes);

std::string pack_time(TimePoint at);
TimePoint parse_time(std::string_view bytes);  // the first eight bytes; the beginning of time when there are fewer
std::string pack_real(double value);
Result<double> parse_real(std::string_view bytes);
// Of a counter: finite and not negative.
Result<double> parse_total(std::string_view bytes);

// Seconds, then the user.
std::string pack_last_event(const LastEvent& last);
Result<LastEvent> parse_last_event(RepoId repo, std::string_view bytes);

// The user of a row whose events are forgotten, and its newest one; none while it remembers all of them.
Result<std::optional<TimePoint>> parse_forgotten(std::string_view row);

// Numbers that people can read: digits and nothing else, and exact as a double, which is what the server reckons with.
// kInvalidData says that `what` ("epoch of ghstats:1:meta") is none, never what it is instead.
Result<std::uint64_t> parse_number(std::string_view text, std::string_view what);

// Repositories are decimal in Redis, for people who look.
std::string to_text(RepoId repo);
Result<RepoId> parse_repo(std::string_view text);

}  // namespace ghstats::store
