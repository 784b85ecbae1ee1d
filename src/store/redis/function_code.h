// The pieces of the function library; functions.cc puts them together, in this order, after the constants of
// row_bits.h.
#pragma once

#include <string_view>

namespace ghstats::store {

// Lua 5.1; strings are bytes. docs/store.md describes keys, arguments and feed. Every function decides before it
// writes, so that a refusal changes nothing, and Redis lets nobody look while one runs. An error in between would leave
// what was done: nothing here may fail on what the program sends.
extern const std::string_view kCommonCode;
extern const std::string_view kCoverageCode;
extern const std::string_view kCommitCode;
extern const std::string_view kGarbageCode;
extern const std::string_view kIntegrityCode;
extern const std::string_view kRegistrationCode;

}  // namespace ghstats::store
