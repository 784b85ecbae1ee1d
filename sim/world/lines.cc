#include "sim/world/lines.h"

namespace ghstats::sim {

Lines plausible_lines(Random& random) {
  constexpr double kSmall = 12;
  constexpr double kFeature = 90;
  constexpr double kImport = 900;
  const double x = random.unit();
  const double size = x < 0.65 ? kSmall : x < 0.95 ? kFeature : kImport;
  Lines lines;
  lines.additions = static_cast<std::int64_t>(random.waiting(size));
  lines.deletions = static_cast<std::int64_t>(random.waiting(size / 2));
  if (lines.none()) lines.additions = 1;
  return lines;
}

Lines made_up_lines(std::string_view sha) {
  // FNV-1a.
  std::uint64_t seed = 0xcbf29ce484222325ULL;
  for (const char c : sha) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  Random random(seed);
  return plausible_lines(random);
}

}  // namespace ghstats::sim
