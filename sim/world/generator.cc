#include "sim/world/generator.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "sim/world/population.h"
#include "sim/world/story.h"

namespace ghstats::sim {
namespace {

// Rough shares of what goes on in an organisation that works with pull requests.
std::vector<Scene> next_story(StoryTeller& teller, Random& random) {
  const double x = random.unit();
  if (x < 0.45) return teller.pull_request();
  if (x < 0.80) return teller.direct_push();
  return teller.issue();
}

std::size_t counted(const std::vector<Scene>& scenes) {
  std::size_t events = 0;
  for (const auto& scene : scenes) events += scene.counts ? 1 : 0;
  return events;
}

void sort_by_time(std::vector<Scene>& scenes) {
  for (std::size_t i = 0; i < scenes.size(); ++i) scenes[i].order = i;
  std::sort(scenes.begin(), scenes.end(), [](const Scene& a, const Scene& b) {
    return std::tie(a.plays_at, a.order) < std::tie(b.plays_at, b.order);
  });
}

// Keeps the beginning of a story: nothing in it depends on what comes later.
void shorten(std::vector<Scene>& scenes, std::size_t events) {
  std::size_t kept = 0;
  while (kept < scenes.size() && (events > 0 || !scenes[kept].counts)) {
    if (scenes[kept].counts) --events;
    ++kept;
  }
  scenes.resize(kept);
}

}  // namespace

Status generate(World& world, const GeneratorOptions& options) {
  if (options.orgs.empty()) return fail(ErrorCode::kInvalidArgument, "at least one organisation is needed");
  if (options.users == 0 && options.repositories > 0) {
    return fail(ErrorCode::kInvalidArgument, "repositories need at least one user");
  }
  if (options.hours <= 0) return fail(ErrorCode::kInvalidArgument, "hours must be positive");
  Random random(options.seed);
  auto population = populate(world, options, random);
  if (!population) return std::unexpected(population.error());
  std::erase_if(population->places, [](const auto& place) { return !place.can_be_active; });
  if (population->places.empty() || options.events == 0) return {};

  StoryTeller teller(world, *population, options, random);
  std::vector<Scene> scenes;
  std::size_t missing = options.events;
  while (missing > 0) {
    auto story = next_story(teller, random);
    sort_by_time(story);
    const auto end = options.from + std::chrono::hours{options.hours};
    std::erase_if(story, [&](const Scene& scene) { return scene.plays_at > end; });
    shorten(story, missing);
    missing -= counted(story);
    std::move(story.begin(), story.end(), std::back_inserter(scenes));
  }
  // Played in the order of time, so that numbers grow with it.
  sort_by_time(scenes);
  for (const auto& scene : scenes) scene.play();
  return {};
}

}  // namespace ghstats::sim
