#include "activity/changes/misses.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "activity/changes/delivery.h"

namespace ghstats::activity {
namespace {

// Of several aspects: the first whose claim is oldest says where the window begins.
work::Miss miss_of(const MissContext& context, RepoId repository, const std::vector<Aspect>& aspects, Error error,
                   const Delivery& names) {
  work::Miss out{.org = context.org, .repo = names.name_of(repository), .repo_id = repository};
  std::ranges::copy_if(context.families, std::back_inserter(out.families), [&](store::CollectionFamily family) {
    return std::ranges::any_of(aspects, [family](Aspect aspect) { return shows(aspect, family); });
  });
  TimePoint begin = context.now;
  for (const Aspect aspect : aspects) {
    const auto claimed = collected_until(context.before, repository, aspect, context.latest_credible);
    begin = std::min(begin, claimed.value_or(context.oldest));
  }
  out.window = {std::max(begin, context.oldest), context.now};
  out.is_final = is_final(error);
  out.reason = work::Reason::kPartialScrapeError;
  if (!out.families.empty()) out.reason = work::reason_of(out.families.front());
  if (error.code == ErrorCode::kRateLimited) out.reason = work::Reason::kRateLimited;
  out.error = std::move(error);
  return out;
}

}  // namespace

bool is_final(const Error& error) {
  return error.code == ErrorCode::kNotFound || error.code == ErrorCode::kPermissionDenied;
}

work::Miss miss_of_all(const MissContext& context, bool listed, Error error) {
  work::Miss out{.org = context.org, .families = context.families};
  const bool credible = context.before.until && *context.before.until <= context.latest_credible;
  TimePoint begin = credible ? *context.before.until : context.oldest;
  out.window = {std::min(context.now, std::max(begin, context.oldest)), context.now};
  out.reason = listed ? work::Reason::kPartialScrapeError : work::Reason::kScrapeError;
  if (error.code == ErrorCode::kRateLimited) out.reason = work::Reason::kRateLimited;
  out.error = std::move(error);
  return out;
}

std::vector<work::Miss> misses_of(const MissContext& context, const std::vector<RefusedHead>& heads,
                                  const std::vector<AskEnd::Refused>& lists, const Delivery& names) {
  std::set<RepoId> repositories;
  for (const RefusedHead& head : heads) repositories.insert(head.repository);
  for (const AskEnd::Refused& list : lists) repositories.insert(list.repository);
  std::vector<work::Miss> out;
  if (repositories.size() > kMostMissedApart) {
    out.push_back(miss_of_all(context, true, heads.empty() ? lists.front().error : heads.front().error));
    return out;
  }
  const std::vector<Aspect> all(kAspects.begin(), kAspects.end());
  for (const RefusedHead& head : heads) {
    work::Miss& miss = out.emplace_back(miss_of(context, head.repository, all, head.error, names));
    if (!head.name.empty()) miss.repo = head.name;
  }
  for (const AskEnd::Refused& list : lists) {
    out.push_back(miss_of(context, list.repository, {list.aspect}, list.error, names));
  }
  // A family that no aspect shows is not collected.
  std::erase_if(out, [](const work::Miss& miss) { return miss.families.empty(); });
  // A job needs the name of what it is about; where none is known and GitHub had its last word, there is no job.
  std::erase_if(out, [](const work::Miss& miss) { return miss.repo.empty() && miss.is_final; });
  const auto nameless = std::ranges::find(out, std::string(), &work::Miss::repo);
  if (nameless == out.end()) return out;
  work::Miss of_all = miss_of_all(context, true, nameless->error);
  std::erase_if(out, [](const work::Miss& miss) { return miss.repo.empty(); });
  out.push_back(std::move(of_all));
  return out;
}

}  // namespace ghstats::activity
