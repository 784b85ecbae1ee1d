// What servers send to clients that accept gzip.
#pragma once

#include <string>

namespace ghstats::http::testing {

// One gzip member.
std::string gzip(const std::string& text);

}  // namespace ghstats::http::testing
