#pragma once

#include <string>

namespace ghstats::copilot {

// docs/copilot.md, complete.
std::string copilot_document();

}  // namespace ghstats::copilot
