#include "store/redis/functions.h"

#include <array>
#include <cstdint>
#include <cstdio>

#include "store/redis/function_code.h"
#include "store/redis/row_bits.h"

namespace ghstats::store {
namespace {

// FNV-1a, folded to 32 bits: tells versions of our own code apart, nothing else.
std::string hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  std::array<char, 9> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", static_cast<unsigned>(hash ^ (hash >> 32U)));
  return digits.data();
}

struct Library {
  std::string name;
  std::string code;
};

Library make_library() {
  std::string code = function_constants();
  for (const std::string_view piece :
       {kCommonCode, kCoverageCode, kCommitCode, kGarbageCode, kIntegrityCode, kRegistrationCode}) {
    code += piece;
  }
  Library library{.name = "ghstats_" + hash_of(code), .code = {}};
  library.code = "#!lua name=" + library.name + "\n" + code;
  constexpr std::string_view kPlace = "@LIBRARY@";
  for (auto at = library.code.find(kPlace); at != std::string::npos; at = library.code.find(kPlace, at)) {
    library.code.replace(at, kPlace.size(), library.name);
  }
  return library;
}

const Library& library() {
  static const Library kLibrary = make_library();
  return kLibrary;
}

}  // namespace

const std::string& redis_function_library() {
  return library().code;
}

std::string redis_function_name(std::string_view function) {
  return library().name + "_" + std::string(function);
}

}  // namespace ghstats::store
