// Bodies that come piece by piece, so that files of any size take no memory.
#pragma once

#include <functional>
#include <string>

namespace ghstats::sim::copilot {

// Appends more; false: that was all. A piece may be empty.
using BodySource = std::function<bool(std::string& out)>;

BodySource text_source(std::string text);
BodySource gzip_source(BodySource plain);

}  // namespace ghstats::sim::copilot
