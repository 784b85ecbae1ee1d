// What a repository's head shows, and so what is asked for and claimed separately.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "kinds/activity_kinds.h"

namespace ghstats::activity {

enum class Aspect : std::uint8_t {
  kCommits = 0,  // of the default branch
  kPulls = 1,    // pull requests, their reviews and comments
  kIssues = 2,   // issues and their comments
};
inline constexpr std::array kAspects = {Aspect::kCommits, Aspect::kPulls, Aspect::kIssues};

template <class T>
using PerAspect = std::array<T, kAspects.size()>;

constexpr std::size_t index_of(Aspect aspect) {
  return static_cast<std::size_t>(aspect);
}

// Whether events of this family are found there. Comments in conversations are found in two aspects: the family is
// collected when both are.
constexpr bool shows(Aspect aspect, kinds::CollectionFamily family) {
  using kinds::CollectionFamily;
  switch (aspect) {
    case Aspect::kCommits:
      return family == CollectionFamily::kCommits;
    case Aspect::kPulls:
      return family != CollectionFamily::kCommits;
    case Aspect::kIssues:
      return family == CollectionFamily::kIssueComments;
  }
  return false;
}

// GitHub's replicas lag behind its clock by no more, and its times have whole seconds: what changed within this time
// before an answer may be missing in it.
inline constexpr std::chrono::seconds kSettled{120};

}  // namespace ghstats::activity
