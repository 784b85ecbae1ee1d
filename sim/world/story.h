// Small plots of everyday work, for the generator.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "sim/world/population.h"

namespace ghstats::sim {

// One thing that becomes visible at one instant. Scenes of a story are played in the order of time; a story may be cut
// off after any of them.
struct Scene {
  TimePoint plays_at;
  bool counts = false;  // as one of the generator's events
  std::function<void()> play;
  std::size_t order = 0;  // among scenes of one instant
};

// Makes up stories; each happens in one repository. Everything it refers to must outlive the scenes.
class StoryTeller {
 public:
  StoryTeller(World& world, const Population& population, const GeneratorOptions& options, Random& random);

  // One to four commits; some are pushed hours after they were made.
  std::vector<Scene> direct_push();
  // Opened, pushed to, reviewed, commented on, merged (as merge or squash) or closed, or still open.
  std::vector<Scene> pull_request();
  // An issue and comments on it; often closed, sometimes opened again, and then perhaps closed by its author.
  std::vector<Scene> issue();

 private:
  struct Setting {
    Repository* repository = nullptr;
    const std::vector<const Account*>* team = nullptr;
    TimePoint begin;
  };
  Setting choose_setting();
  const Account* somebody(const Setting& setting);
  const Account* somebody_else(const Setting& setting, const Account* author);
  NewCommit commit_by(const Account* author, TimePoint at);
  Lines written();
  NewCommit strangers_commit(TimePoint at);
  std::chrono::seconds pause(double mean_minutes);
  void discuss(const Setting& setting, const Account* author, TimePoint opened, TimePoint until,
               const std::shared_ptr<std::uint64_t>& number, std::vector<Scene>& scenes);
  void finish(const Setting& setting, const Account* author, TimePoint opened, TimePoint when,
              const std::shared_ptr<std::uint64_t>& number, std::vector<Scene>& scenes);

  World& world_;
  const Population& population_;
  const GeneratorOptions& options_;
  Random& random_;
  Zipf busy_places_;
  Zipf busy_people_;
  std::vector<Setting> bursts_;
  // Of their own, so that how much is written, what is closed and opened again does not change what else happens when.
  Random lines_random_;
  Random remarks_random_;
  Random closings_random_;
  Random reopenings_random_;
};

}  // namespace ghstats::sim
