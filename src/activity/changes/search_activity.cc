#include "activity/changes/search_activity.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "activity/changes/complete_item.h"
#include "github/graphql/issues_updated.h"
#include "github/graphql/pulls_updated.h"
#include "github/limits/breaker_fsm.h"

namespace ghstats::activity {
namespace {

using async::Task;
using github::IssueActivity;
using github::NodeId;
using github::Page;
using github::PullActivity;

// What one search has told so far.
struct Reading {
  std::set<NodeId> met;     // an item may be met again on a later page
  std::uint64_t total = 0;  // the most that GitHub counted
  int pages = 0;
  bool incomplete = false;

  // Pages are counted from the beginning of the list: what is updated while it is read leaves it, and the first one of
  // the next page moves to the page before.
  [[nodiscard]] bool has_moved() const { return !incomplete && pages > 1 && met.size() < total; }
};

// So many parts of about the same length, of whole seconds.
std::vector<TimeWindow> slices_of(TimeWindow window, int count) {
  std::vector<TimeWindow> out;
  const auto length =
      std::max(std::chrono::seconds{1}, std::chrono::ceil<std::chrono::seconds>((window.end - window.begin) / count));
  for (TimePoint begin = window.begin; begin < window.end; begin += length) {
    out.push_back({begin, std::min(begin + length, window.end)});
  }
  return out;
}

constexpr std::size_t kMostSilent = 2;  // items in a row

class Searching {
 public:
  Searching(github::GraphqlApi& api, SearchSettings settings, Aspect aspect, TimeWindow covered,
            std::function<bool(RepoId)> is_ours, SearchSink sink)
      : api_(api),
        settings_(std::move(settings)),
        aspect_(aspect),
        windows_(settings_.policy, covered),
        is_ours_(std::move(is_ours)),
        sink_(std::move(sink)) {}

  template <class T>
  Task<Searched> run();

 private:
  template <class T>
  Task<SearchEnd> search(TimeWindow window);
  template <class T>
  Task<SearchEnd> read(TimeWindow window, Reading& reading);
  template <class T>
  Task<Result<Page<T>>> ask(std::string search, std::optional<std::string> cursor);
  template <class T>
  Task<Status> take(Page<T> page, Reading& reading);
  void tell_newest(const ToldUpdates& told);

  github::GraphqlApi& api_;
  SearchSettings settings_;
  Aspect aspect_;
  SearchWindows windows_;
  std::function<bool(RepoId)> is_ours_;
  SearchSink sink_;
  github::BreakerFsm breaker_{kMostSilent};  // over what was cut and is asked for
  Searched out_;
};

template <class T>
Task<Searched> Searching::run() {
  while (const auto window = windows_.next()) {
    const SearchEnd end = co_await search<T>(*window);
    windows_.on_end(end);
  }
  out_.told_until = windows_.told_until();
  out_.doubtful = windows_.doubtful();
  out_.cancelled = co_await async::cancelled();
  co_return std::move(out_);
}

// What has moved is asked for again in slices that are mostly one page long, of which nothing gets lost: what is
// updated meanwhile leaves for good, and the next cycle's search tells it.
template <class T>
Task<SearchEnd> Searching::search(TimeWindow window) {
  Reading first;
  const SearchEnd end = co_await read<T>(window, first);
  if (end != SearchEnd::kIncomplete || !first.has_moved()) co_return end;
  for (const TimeWindow& slice : slices_of(window, 2 * first.pages)) {
    Reading reading;
    const SearchEnd part = co_await read<T>(slice, reading);
    if (part != SearchEnd::kWhole) co_return part;
  }
  co_return SearchEnd::kWhole;
}

template <class T>
Task<SearchEnd> Searching::read(TimeWindow window, Reading& reading) {
  const std::string search = "org:" + settings_.org + (aspect_ == Aspect::kPulls ? " is:pr " : " is:issue ") +
                             updated_within(window) + " sort:updated-asc";
  std::optional<std::string> cursor;
  do {
    auto page = co_await ask<T>(search, cursor);
    if (page && page->next && page->next == cursor) {
      page = fail(ErrorCode::kInvalidData, "GitHub's search goes in a circle");
    }
    if (!page) {
      if (page.error().code != ErrorCode::kCancelled) out_.failure = std::move(page).error();
      co_return SearchEnd::kFailed;
    }
    ++reading.pages;
    reading.total = std::max(reading.total, page->total);
    if (reading.total > settings_.policy.most_results) co_return SearchEnd::kTooMany;
    cursor = std::move(page->next);
    const Status taken = co_await take(*std::move(page), reading);
    if (!taken) co_return SearchEnd::kFailed;
  } while (cursor);
  const bool whole = !reading.incomplete && reading.met.size() >= reading.total;
  co_return whole ? SearchEnd::kWhole : SearchEnd::kIncomplete;
}

template <>
Task<Result<Page<PullActivity>>> Searching::ask(std::string search, std::optional<std::string> cursor) {
  const bool diffs = wanted_of(settings_.told, aspect_).review_comments;
  co_return co_await github::pulls_updated(api_, std::move(search), std::move(cursor), diffs);
}

template <>
Task<Result<Page<IssueActivity>>> Searching::ask(std::string search, std::optional<std::string> cursor) {
  const bool closed_by = wanted_of(settings_.told, aspect_).closed_by;
  co_return co_await github::issues_updated(api_, std::move(search), std::move(cursor), closed_by);
}

// Fails where asking on is of no use.
template <class T>
Task<Status> Searching::take(Page<T> page, Reading& reading) {
  if (!page.refused.empty()) {
    reading.incomplete = true;
    out_.failure = page.refused.front().error;
  }
  std::vector<ledger::Event> events;
  ToldUpdates told;
  Status useful;
  for (T& item : page.items) {
    reading.met.insert(item.node);
    const RepoId repository = item.repository.id;
    out_.repositories[repository] = item.repository.full_name;
    if (!useful || !is_ours_(repository)) continue;
    const Status whole = co_await complete(api_, item, settings_.told);
    add_events(item, settings_.told, page.served_at, events);
    if (whole) {
      breaker_.on_answer();
      auto& newest = told[repository][index_of(aspect_)];
      newest = std::max(newest, std::optional(updated_at(item)));
      continue;
    }
    if (whole.error().code == ErrorCode::kCancelled) co_return whole;
    reading.incomplete = true;
    out_.failure = whole.error();
    breaker_.on_error(whole.error());
    if (breaker_.is_open()) useful = whole;
  }
  if (!events.empty()) {
    const bool go_on = co_await sink_(std::move(events));
    if (!go_on) co_return fail(ErrorCode::kCancelled, "the sink takes no more");
  }
  tell_newest(told);
  co_return useful;
}

void Searching::tell_newest(const ToldUpdates& told) {
  for (const auto& [repository, newest] : told) {
    auto& known = out_.told[repository][index_of(aspect_)];
    known = std::max(known, newest[index_of(aspect_)]);
  }
}

}  // namespace

Task<Searched> search_activity(github::GraphqlApi& api, SearchSettings settings, Aspect aspect, TimeWindow covered,
                               std::function<bool(RepoId)> is_ours, SearchSink sink) {
  Searching searching(api, std::move(settings), aspect, covered, std::move(is_ours), std::move(sink));
  if (aspect == Aspect::kPulls) co_return co_await searching.run<PullActivity>();
  co_return co_await searching.run<IssueActivity>();
}

}  // namespace ghstats::activity
