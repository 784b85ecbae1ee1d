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

// One request with any method, nothing decoded and no redirect followed. `url` is http with host and port.
http::Response raw(const std::string& method, const std::string& url, const http::Headers& headers = {},
                   const std::string& body = {});

// A port of 127.0.0.1 that nobody listened on a moment ago.
std::uint16_t free_port();

// The samples of a page in text 0.0.4: "name{labels}" to value, comments left out.
std::map<std::string, double> parse_page(std::string_view page);

}  // namespace ghstats::harness
