#include "sim/graphql/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sim/access/app_key.h"

namespace ghstats::sim::graphql {
namespace {

constexpr std::int64_t kLargestPage = 100;

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::optional<Failure> why_no_page(const Arguments& arguments) {
  const auto first = arguments.integer("first");
  const auto last = arguments.integer("last");
  const auto field = arguments.field();
  const bool counted_only = !arguments.wants("nodes") && !arguments.wants("edges") && !arguments.wants("pageInfo");
  if (!first && !last && !counted_only) {
    return Failure{
        "MISSING_PAGINATION_BOUNDARIES",
        fmt::format("You must provide a `first` or `last` value to properly paginate the `{}` connection.", field)};
  }
  if (first && last) {
    return Failure{
        "INVALID_PAGINATION_BOUNDARIES",
        fmt::format("Passing both `first` and `last` to paginate the `{}` connection is not supported.", field)};
  }
  const std::string_view which = first ? "first" : "last";
  const auto size = first.value_or(last.value_or(0));
  if (size < 0) {
    return Failure{"INVALID_PAGINATION_BOUNDARIES",
                   fmt::format("`{}` on the `{}` connection cannot be less than zero.", which, field)};
  }
  if (size > kLargestPage) {
    return Failure{"EXCESSIVE_PAGINATION",
                   fmt::format("Requesting {} records on the `{}` connection exceeds the `{}` limit of {} records.",
                               size, field, which, kLargestPage)};
  }
  return std::nullopt;
}

Failure invalid_cursor(const std::string& cursor) {
  return {"INVALID_CURSOR_ARGUMENTS", fmt::format("`{}` does not appear to be a valid cursor.", cursor)};
}

constexpr std::string_view kKeyed = "cursor:v2:";
constexpr std::string_view kPlaced = "cursor:";

std::string cursor_of(const Key& key) {
  return base64url(fmt::format("{}{}:{}:{}", kKeyed, key.number, key.id, key.text));
}

std::string cursor_of(std::size_t position) {
  return base64url(fmt::format("{}{}", kPlaced, position));
}

// Takes a number and the colon after it.
template <class Number>
bool take(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with(':')) text.remove_prefix(1);
  return true;
}

std::optional<Key> key_of(const std::string& cursor) {
  const auto decoded = base64url_decode(cursor);
  if (!decoded || !decoded->starts_with(kKeyed)) return std::nullopt;
  auto text = std::string_view(*decoded).substr(kKeyed.size());
  Key key;
  if (!take(text, key.number) || !take(text, key.id)) return std::nullopt;
  key.text = text;
  return key;
}

std::optional<std::size_t> position_of(const std::string& cursor) {
  const auto decoded = base64url_decode(cursor);
  if (!decoded || !decoded->starts_with(kPlaced)) return std::nullopt;
  auto text = std::string_view(*decoded).substr(kPlaced.size());
  std::size_t position = 0;
  if (!take(text, position) || !text.empty()) return std::nullopt;
  return position;
}

Range page_within(Range range, const Arguments& arguments) {
  range.end = std::max(range.begin, range.end);
  const auto length = range.end - range.begin;
  const auto first = arguments.integer("first");
  const auto last = arguments.integer("last");
  if (first) range.end = range.begin + std::min(length, static_cast<std::size_t>(*first));
  if (last) range.begin = range.end - std::min(length, static_cast<std::size_t>(*last));
  if (!first && !last) range.end = range.begin;
  return range;
}

template <class CursorAt>
Resolved serve(Listing listing, Range range, const Arguments& arguments, CursorAt cursor_at) {
  List nodes;
  List edges;
  for (auto i = range.begin; i < range.end; ++i) {
    auto node = listing.items[i].make();
    if (arguments.wants("nodes")) nodes.emplace_back(node);
    if (!arguments.wants("edges")) continue;
    edges.emplace_back(std::make_shared<const Record>(
        listing.edge, Record::Fields{{"cursor", cursor_at(i)}, {"node", std::move(node)}}));
  }
  const bool empty = range.begin == range.end;
  auto info = std::make_shared<const Record>(
      "PageInfo", Record::Fields{{"hasPreviousPage", range.begin > 0},
                                 {"hasNextPage", range.end < listing.items.size()},
                                 {"startCursor", empty ? Resolved(nullptr) : Resolved(cursor_at(range.begin))},
                                 {"endCursor", empty ? Resolved(nullptr) : Resolved(cursor_at(range.end - 1))}});
  auto fields = std::move(listing.more);
  fields.emplace("totalCount", listing.items.size());
  fields.emplace("nodes", std::move(nodes));
  fields.emplace("edges", std::move(edges));
  fields.emplace("pageInfo", ObjectPtr(std::move(info)));
  return ObjectPtr(std::make_shared<const Record>(listing.type, std::move(fields)));
}

}  // namespace

Resolved page_of(Listing listing, const Arguments& arguments) {
  if (auto why = why_no_page(arguments)) return *why;
  auto& items = listing.items;
  const auto before = [&](const Key& a, const Key& b) { return listing.descending ? b < a : a < b; };
  std::ranges::sort(items, before, &Item::key);
  Range range{0, items.size()};
  if (const auto cursor = arguments.text("after")) {
    const auto key = key_of(*cursor);
    if (!key) return invalid_cursor(*cursor);
    range.begin = static_cast<std::size_t>(std::ranges::upper_bound(items, *key, before, &Item::key) - items.begin());
  }
  if (const auto cursor = arguments.text("before")) {
    const auto key = key_of(*cursor);
    if (!key) return invalid_cursor(*cursor);
    range.end = static_cast<std::size_t>(std::ranges::lower_bound(items, *key, before, &Item::key) - items.begin());
  }
  range = page_within(range, arguments);
  std::vector<std::string> cursors;
  for (auto i = range.begin; i < range.end; ++i) cursors.push_back(cursor_of(items[i].key));
  return serve(std::move(listing), range, arguments, [&](std::size_t i) { return cursors[i - range.begin]; });
}

Resolved page_by_position(Listing listing, const Arguments& arguments) {
  if (auto why = why_no_page(arguments)) return *why;
  Range range{0, listing.items.size()};
  if (const auto cursor = arguments.text("after")) {
    const auto position = position_of(*cursor);
    if (!position) return invalid_cursor(*cursor);
    range.begin = std::min(*position, range.end);
  }
  if (const auto cursor = arguments.text("before")) {
    const auto position = position_of(*cursor);
    if (!position || *position == 0) return invalid_cursor(*cursor);
    range.end = std::min(*position - 1, range.end);
  }
  return serve(std::move(listing), page_within(range, arguments), arguments,
               [](std::size_t i) { return cursor_of(i + 1); });
}

}  // namespace ghstats::sim::graphql
