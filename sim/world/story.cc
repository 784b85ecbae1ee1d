#include "sim/world/story.h"

#include <fmt/format.h>

#include "sim/world/rhythm.h"

namespace ghstats::sim {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

StoryTeller::StoryTeller(World& world, const Population& population, const GeneratorOptions& options, Random& random)
    : world_(world),
      population_(population),
      options_(options),
      random_(random),
      busy_places_(population.places.size(), 1.05),
      busy_people_(population.people.size(), 1.0),
      lines_random_(~options.seed),
      remarks_random_(options.seed ^ 0x5a5a5a5aU),
      closings_random_(options.seed ^ 0x3c3c3c3cU),
      reopenings_random_(options.seed ^ 0x69696969U) {
  // A release, an incident: for about an hour everybody works on one repository.
  const std::size_t count = 1 + options.events / 400;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& place = population.places[busy_places_(random)];
    bursts_.push_back({place.repository, &place.team, pick_time(random, options.from, hours{options.hours})});
  }
}

StoryTeller::Setting StoryTeller::choose_setting() {
  const auto end = options_.from + hours{options_.hours};
  if (random_.chance(0.15)) {
    Setting burst = bursts_[random_.below(bursts_.size())];
    burst.begin += pause(30);
    if (burst.begin <= end) return burst;
  }
  const auto& place = population_.places[busy_places_(random_)];
  return {place.repository, &place.team, pick_time(random_, options_.from, hours{options_.hours})};
}

const Account* StoryTeller::somebody(const Setting& setting) {
  if (random_.chance(0.06) && !population_.bots.empty())
    return population_.bots[random_.below(population_.bots.size())];
  if (random_.chance(0.75)) return (*setting.team)[random_.below(setting.team->size())];
  return population_.people[busy_people_(random_)];
}

// Reviewers. Two deleted accounts look alike from outside, so neither reviews the other.
const Account* StoryTeller::somebody_else(const Setting& setting, const Account* author) {
  for (int tries = 0; tries < 20; ++tries) {
    const auto* const other = somebody(setting);
    if (other != author && !(other->deleted_at && author->deleted_at)) return other;
  }
  return nullptr;
}

seconds StoryTeller::pause(double mean_minutes) {
  return seconds{1 + static_cast<std::int64_t>(random_.waiting(mean_minutes * 60))};
}

// A few commits are empty, to start a build again.
Lines StoryTeller::written() {
  return lines_random_.chance(0.02) ? Lines{} : plausible_lines(lines_random_);
}

NewCommit StoryTeller::commit_by(const Account* author, TimePoint at) {
  NewCommit commit;
  commit.author = commit.committer = git_identity(*author, random_);
  commit.author_account = commit.committer_account = author;
  commit.author_date = random_.chance(0.15) ? at - pause(600) : at;  // rebased or amended later
  commit.committer_date = commit.visible_from = at;
  commit.message = fmt::format("Change number {}", random_.below(1'000'000));
  commit.lines = written();
  return commit;
}

// Authors that GitHub knows no account of.
NewCommit StoryTeller::strangers_commit(TimePoint at) {
  NewCommit commit;
  const double x = random_.unit();
  const auto id = random_.between(100'000, 999'999);
  if (x < 0.4) {
    commit.author = {"Former Colleague", fmt::format("{}+former-{}@users.noreply.github.com", id, id % 7)};
  } else if (x < 0.9) {
    commit.author = {fmt::format("Build Machine {}", id % 5), fmt::format("ci-{}@build.internal", id % 5)};
  } else if (x < 0.95) {
    commit.author = {"", "nobody@localhost"};
  } else {
    commit.author = {std::nullopt, ""};
  }
  // Made on the web by nobody the commit names: git always knows who committed.
  commit.committer = commit.author.email.empty() ? GitPerson{"GitHub", "noreply@github.com"} : commit.author;
  commit.missing_account_is_empty_object = random_.chance(0.3);
  commit.author_date = commit.committer_date = commit.visible_from = at;
  commit.message = "Nightly update";
  commit.lines = written();
  return commit;
}

std::vector<Scene> StoryTeller::direct_push() {
  const auto setting = choose_setting();
  const bool stranger = random_.chance(0.06);
  const auto* const author = somebody(setting);
  const std::size_t count = 1 + random_.below(4);
  const bool late = random_.chance(0.08);
  std::vector<NewCommit> commits;
  auto t = setting.begin;
  for (std::size_t i = 0; i < count; ++i) {
    commits.push_back(stranger ? strangers_commit(t) : commit_by(author, t));
    t += pause(8);
  }
  const auto pushed = commits.back().committer_date + (late ? pause(240) : seconds{random_.between(0, 60)});
  std::vector<Scene> scenes;
  for (auto& commit : commits) {
    commit.visible_from = pushed;
    scenes.push_back({pushed, true, [this, setting, commit] { world_.add_commit(*setting.repository, commit); }});
  }
  return scenes;
}

std::vector<Scene> StoryTeller::pull_request() {
  const auto setting = choose_setting();
  const auto* const author = somebody(setting);
  const auto number = std::make_shared<std::uint64_t>(0);
  NewPullRequest pull;
  pull.author = author;
  pull.created_at = setting.begin;
  pull.title = fmt::format("Improve part {}", random_.below(10'000));
  pull.draft = random_.chance(0.1);
  pull.from_deleted_fork = random_.chance(0.02);
  std::vector<Scene> scenes;
  scenes.push_back({setting.begin, true, [this, setting, pull, number] {
                      const auto opened = world_.open_pull(*setting.repository, pull);
                      if (opened) *number = (*opened)->number;
                    }});
  const auto done = setting.begin + pause(random_.chance(0.5) ? 40 : 400);
  discuss(setting, author, setting.begin, done, number, scenes);
  if (random_.chance(0.85)) finish(setting, author, setting.begin, done, number, scenes);
  return scenes;
}

void StoryTeller::discuss(const Setting& setting, const Account* author, TimePoint opened, TimePoint until,
                          const std::shared_ptr<std::uint64_t>& number, std::vector<Scene>& scenes) {
  const auto some_time = [&] { return opened + seconds{random_.between(1, (until - opened) / seconds{1})}; };
  auto* const repository = setting.repository;
  for (std::size_t i = random_.below(3); i > 0; --i) {
    const auto t = some_time();
    scenes.push_back({t, false, [this, repository, number, t] { (void)world_.push_to_pull(*repository, *number, t); }});
  }
  for (std::size_t i = random_.below(4); i > 0; --i) {
    const bool own = random_.chance(0.08);
    NewReview review;
    review.author = own ? author : somebody_else(setting, author);
    if (review.author == nullptr) continue;
    const double x = random_.unit();
    review.state = own || x < 0.3 ? "COMMENTED" : x < 0.5 ? "CHANGES_REQUESTED" : "APPROVED";
    review.created_at = some_time();
    const bool pending = random_.chance(0.05);
    if (!pending) review.submitted_at = review.created_at;
    const bool dismissed = review.state == "CHANGES_REQUESTED" && random_.chance(0.3);
    const auto remarks = pending ? 0 : remarks_random_.below(3);
    scenes.push_back(
        {review.created_at, !pending, [this, repository, number, review, dismissed, until, remarks]() mutable {
           review.pull_number = *number;
           const auto added = world_.add_review(*repository, review);
           if (!added) return;
           if (dismissed) (*added)->dismissed_at = until;
           const auto id = (*added)->id;
           for (std::size_t n = 0; n < remarks; ++n) {
             const auto t = review.created_at;
             (void)world_.add_review_comment(*repository, id, *review.author, t, "Why not the other way round?");
           }
         }});
  }
  for (std::size_t i = random_.below(4); i > 0; --i) {
    const auto* const who = somebody(setting);
    const auto t = some_time();
    scenes.push_back({t, true, [this, repository, number, who, t] {
                        (void)world_.add_comment(*repository, *number, *who, t, "What about the tests?");
                      }});
  }
}

void StoryTeller::finish(const Setting& setting, const Account* author, TimePoint opened, TimePoint when,
                         const std::shared_ptr<std::uint64_t>& number, std::vector<Scene>& scenes) {
  auto* const repository = setting.repository;
  if (random_.chance(0.12)) {
    scenes.push_back({when, false, [this, repository, number, when, author] {
                        (void)world_.close_pull(*repository, *number, when, author);
                      }});
    return;
  }
  const bool squash = random_.chance(0.6);
  const auto* const merger = random_.chance(0.5) ? author : somebody(setting);
  // Commits made on the branch become the default branch's at the merge, with their own dates.
  struct Branch {
    std::string base;
    std::string tip;
    Lines lines;
  };
  const auto branch = std::make_shared<Branch>();
  for (std::size_t i = squash ? 0 : 1 + random_.below(3); i > 0; --i) {
    auto commit = commit_by(author, std::max(opened - pause(90), options_.from + seconds{1}));
    commit.visible_from = when;
    scenes.push_back({when, true, [this, repository, commit, branch, when]() mutable {
                        if (branch->tip.empty()) branch->base = branch->tip = head_sha(*repository, when).value_or("");
                        if (!branch->tip.empty()) commit.parents = {branch->tip};
                        const auto& added = world_.add_commit(*repository, commit);
                        branch->tip = added.sha;
                        branch->lines += added.lines;
                      }});
  }
  NewCommit merge = commit_by(squash ? author : merger, when);
  merge.author_date = when;
  merge.committer = {"GitHub", "noreply@github.com"};
  merge.committer_account = &world_.web_flow();
  const auto sha = std::make_shared<std::string>();
  scenes.push_back({when, true, [this, repository, merge, squash, number, sha, branch]() mutable {
                      merge.message = squash ? fmt::format("Improve it (#{})", *number)
                                             : fmt::format("Merge pull request #{} from topic", *number);
                      if (!squash) {
                        if (!branch->base.empty()) merge.parents = {branch->base};
                        merge.merge_of = branch->tip;
                        merge.lines = branch->lines;
                      }
                      *sha = world_.add_commit(*repository, merge).sha;
                    }});
  scenes.push_back({when, true, [this, repository, number, when, sha, merger] {
                      (void)world_.merge_pull(*repository, *number, when, *sha, merger);
                    }});
}

std::vector<Scene> StoryTeller::issue() {
  const auto setting = choose_setting();
  const auto* const author = somebody(setting);
  auto* const repository = setting.repository;
  const auto number = std::make_shared<std::uint64_t>(0);
  std::vector<Scene> scenes;
  scenes.push_back({setting.begin, false, [this, repository, author, number, begin = setting.begin] {
                      *number = world_.open_issue(*repository, *author, begin).number;
                    }});
  auto t = setting.begin;
  const auto* last = author;
  for (std::size_t i = 1 + random_.below(4); i > 0; --i) {
    t += pause(90);
    const auto* const who = last = somebody(setting);
    const bool edited = random_.chance(0.1);
    const auto edited_at = t + pause(300);
    scenes.push_back({t, true, [this, repository, number, who, t, edited, edited_at] {
                        const auto added = world_.add_comment(*repository, *number, *who, t, "I see this too.");
                        if (added && edited) (*added)->edits.push_back(edited_at);
                      }});
  }
  if (closings_random_.chance(0.4)) {
    t += seconds{closings_random_.between(1, 7200)};
    const auto close = [&](const Account* who) {
      scenes.push_back(
          {t, false, [this, repository, number, t, who] { (void)world_.close_issue(*repository, *number, t, *who); }});
    };
    close(last);
    if (reopenings_random_.chance(0.5)) {
      t += seconds{reopenings_random_.between(1, 14'400)};
      scenes.push_back(
          {t, false, [this, repository, number, t] { (void)world_.reopen_issue(*repository, *number, t); }});
      t += seconds{reopenings_random_.between(1, 14'400)};
      if (reopenings_random_.chance(0.5)) close(author);
    }
  }
  return scenes;
}

}  // namespace ghstats::sim
