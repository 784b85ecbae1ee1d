// Blocking HTTP for tests.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "http/client.h"

namespace ghstats::harness {

// Throws std::runtime_error when there is no answer at all.
http::Response get(const std::string& url, http::Headers headers = {});
http::Response post(const std::string& url, std::string body);

// The samples of a page in text 0.0.4: "name{labels}" to value, comments left out.
std::map<std::string, double> parse_page(std::string_view page);

}  // namespace ghstats::harness
