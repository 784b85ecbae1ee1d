// What a program under test wrote to its JSON log.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

namespace ghstats::harness {

// The complete lines from `offset` on that are JSON objects.
std::vector<boost::json::object> log_lines(const std::string& log, std::size_t offset = 0);

// A field as text; empty when it is missing.
std::string text_of(const boost::json::object& line, const char* field);

}  // namespace ghstats::harness
