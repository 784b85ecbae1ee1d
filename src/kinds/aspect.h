// What a repository's head shows, and so what is asked for and claimed separately.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kinds/activity_kinds.h"

namespace ghstats::kinds {

// Their numbers are in stores.
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
constexpr bool shows(Aspect aspect, CollectionFamily family) {
  switch (family) {
    case CollectionFamily::kCommits:
      return aspect == Aspect::kCommits;
    case CollectionFamily::kPullRequests:
    case CollectionFamily::kReviews:
    case CollectionFamily::kReviewComments:
      return aspect == Aspect::kPulls;
    case CollectionFamily::kIssueComments:
      return aspect == Aspect::kPulls || aspect == Aspect::kIssues;
    case CollectionFamily::kIssues:
      return aspect == Aspect::kIssues;
  }
  return false;
}

}  // namespace ghstats::kinds
