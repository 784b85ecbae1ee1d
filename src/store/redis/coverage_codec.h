// Coverage as bytes in Redis, and as arguments of a commit (docs/store.md). Parsing never trusts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "redis/command.h"
#include "store/coverage.h"

namespace ghstats::store {

std::string pack_member(const Member& member);
// None: damaged, or of a later version. It is no member then.
std::optional<Member> parse_member(std::string_view bytes);

// The 13 bytes of a header that a claim replaces; the server looks at the others.
std::string pack_claimed(const CoverageClaim& claim);
// A record without its members. None: damaged, of a later version, or of data with another name than `incarnation`.
std::optional<CoverageRecord> parse_coverage(std::string_view header, std::string_view incarnation);

// The last arguments of a commit. `complete`: nothing of the batch was refused so far.
void add_note(redis::Command& commit, const std::optional<CoverageNote>& note, bool complete, TimePoint now);

}  // namespace ghstats::store
