#include "app/version.h"

// Definitions come from the build (CMakeLists.txt), for this file only, so that a new commit recompiles nothing else.
namespace ghstats::app {

std::string_view version() {
  return GHSTATS_VERSION;
}
std::string_view revision() {
  return GHSTATS_REVISION;
}
std::string_view compiler() {
  return GHSTATS_COMPILER;
}

}  // namespace ghstats::app
