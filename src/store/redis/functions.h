// The part of the store that runs inside Redis: what has to be one step, decided where the data is.
#pragma once

#include <string>
#include <string_view>

namespace ghstats::store {

// What FUNCTION LOAD takes. The library and its functions carry a hash of the code in their names, so that versions of
// this program live side by side in one Redis.
const std::string& redis_function_library();

// "ghstats_1a2b3c4d_commit" for "commit".
std::string redis_function_name(std::string_view function);

}  // namespace ghstats::store
