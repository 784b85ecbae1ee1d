// Reads a paged endpoint to its end: what all listings in rest/ have in common. For the .cc files of this component.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "async/task.h"
#include "github/api.h"
#include "github/rest/json_reader.h"
#include "github/rest/listing.h"

namespace ghstats::github {

// What every listing asks for with per_page, GitHub's maximum: no page may hold more.
inline constexpr std::size_t kItemsPerPage = 100;
inline constexpr int kItemsBetweenYields = 25;

// What a listing may come to, so that an answer without end costs neither memory nor a thousand requests in each cycle.
struct ListingBudget {
  int pages = 2'000;
  std::size_t items = 100'000;       // received; one that comes again counts again
  std::size_t bytes = 512UL << 20U;  // of all bodies, decoded: no item is larger than what told it
  int pages_without_news = 10;       // in a row: lists shift while they are read, but not for ever
};

// Where the list goes on. Pages of another origin, pages seen before and more than `max_pages` are refused.
class PageCursor {
 public:
  PageCursor(http::Origin origin, std::string first_url, int max_pages);

  // The URL of the page after `response`, absent after the last. kInvalidData, kTooLarge.
  Result<std::optional<std::string>> next(const http::Response& response);

  [[nodiscard]] int page() const { return page_; }  // from 1

 private:
  http::Origin origin_;
  std::unordered_set<std::string> seen_;
  int max_pages_;
  int page_ = 1;
};

// "/repos/acme/api", percent-encoded. kInvalidArgument when full_name is not "owner/name".
Result<std::string> repository_path(const std::string& full_name);

template <class T, class Id>
struct ListingPlan {
  Call call;                             // the first page
  std::function<T(JsonObject&)> read;    // one item
  std::function<Id(const T&)> id;        // what tells items apart
  std::function<bool(const T&)> behind;  // optional: from the first such item on, nothing is wanted
  ListingBudget budget = {};
};

// What a listing has used of its budget. kTooLarge, kInvalidData: it does not go on.
class ListingMeter {
 public:
  explicit ListingMeter(ListingBudget budget) : budget_(budget) {}

  Status on_body(std::size_t bytes);
  Status on_item();
  Status on_page_end(std::size_t distinct_items);  // of the whole listing so far

 private:
  ListingBudget budget_;
  std::size_t bytes_ = 0;
  std::size_t items_ = 0;
  std::size_t on_page_ = 0;
  std::size_t distinct_ = 0;
  int without_news_ = 0;
};

namespace detail {

template <class T, class Id>
struct Collected {
  std::vector<T> items;
  std::unordered_map<Id, std::size_t> places;
  ListingMeter meter;

  // Pages read later are newer.
  void put(Id id, T item) {
    const auto [place, inserted] = places.try_emplace(std::move(id), items.size());
    if (inserted) {
      items.push_back(std::move(item));
    } else {
      items[place->second] = std::move(item);
    }
  }
};

// True: the first item that lies behind was met. The body is gone when it ends. `plan` and `into` must outlive the
// task.
template <class T, class Id>
async::Task<Result<bool>> read_page(const ListingPlan<T, Id>& plan, std::string body, Collected<T, Id>& into) {
  if (const auto status = into.meter.on_body(body.size()); !status) co_return fail(status.error());
  JsonBody json(body);
  int since_yield = 0;
  while (auto object = json.next()) {
    if (const auto status = into.meter.on_item(); !status) co_return fail(status.error());
    T item = plan.read(*object);
    if (const auto status = json.status(); !status) co_return fail(status.error());
    if (plan.behind && plan.behind(item)) co_return true;
    Id id = plan.id(item);
    into.put(std::move(id), std::move(item));
    if (++since_yield == kItemsBetweenYields) {
      since_yield = 0;
      co_await async::yield();
    }
  }
  if (const auto status = json.status(); !status) co_return fail(status.error());
  if (const auto status = into.meter.on_page_end(into.items.size()); !status) co_return fail(status.error());
  co_return false;
}

}  // namespace detail

// Errors: those of Api::get, kInvalidData, and kTooLarge, all beginning with plan.call.what. What is too large is not
// asked for again within the hour: it would be as large. `api` must outlive the task.
template <class T, class Id>
async::Task<Result<Listing<T>>> list_all(Api& api, ListingPlan<T, Id> plan) {
  const std::string what = plan.call.what;
  PageCursor cursor(api.transport().origin(), api.transport().url_of(plan.call.path), plan.budget.pages);
  detail::Collected<T, Id> collected{.items = {}, .places = {}, .meter = ListingMeter(plan.budget)};
  const auto failed = [&](const Call& page, Error error) {
    api.forget(page);
    if (error.code == ErrorCode::kTooLarge) api.remember(plan.call, error);
    return fail(error.with_context(what));
  };
  std::optional<TimePoint> served_at;
  for (Call call = plan.call;;) {
    auto response = co_await api.get(call);
    if (!response) co_return fail(response.error());
    if (!served_at) served_at = api.served_at(*response);
    if (response->status != 200) {
      // What was accepted although it is no page says that there is nothing (409: empty repository). Anything else, a
      // 202 or 204, says nothing: taken for an empty list it would move checkpoints past what is missing.
      const bool accepted = std::ranges::find(call.accepted_statuses, response->status) != call.accepted_statuses.end();
      if (accepted) break;
      co_return fail(Error{ErrorCode::kInvalidData, fmt::format("HTTP {}", response->status)}.with_context(what));
    }
    const auto done = co_await detail::read_page(plan, std::move(response->body), collected);
    if (!done) {
      const Error& error = done.error();
      co_return failed(call, cursor.page() > 1 ? error.with_context(fmt::format("page {}", cursor.page())) : error);
    }
    if (*done) break;
    auto next = cursor.next(*response);
    if (!next) co_return failed(call, next.error());
    if (!*next) break;
    call.path = **std::move(next);
  }
  co_return Listing<T>{std::move(collected.items), *served_at};
}

}  // namespace ghstats::github
