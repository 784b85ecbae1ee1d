#include <cstdio>

#include "sim/options.h"
#include "sim/program.h"

int main(int argc, char** argv) {
  const auto options = ghstats::sim::parse_options(argc, argv);
  if (!options) {
    std::fprintf(stderr, "ghsim: %s\n", options.error().message.c_str());
    return 2;
  }
  return ghstats::sim::run_ghsim(*options);
}
