// Lists in pages.
#pragma once

#include <compare>
#include <functional>

#include "sim/graphql/object.h"

namespace ghstats::sim::graphql {

// Where an item stands in its list, whatever else comes and goes: cursors are made of it. Unique in the list.
struct Key {
  std::int64_t number = 0;
  std::string text = {};
  std::uint64_t id = 0;

  friend auto operator<=>(const Key&, const Key&) = default;
};

struct Item {
  Key key;
  std::function<ObjectPtr()> make;
};

struct Listing {
  std::string_view type;  // "IssueConnection"
  std::string_view edge;  // "IssueEdge"
  std::vector<Item> items;
  bool descending = false;
  Record::Fields more = {};  // of the connection
};

// The page that first, last, after and before ask for, or what is wrong with them.
Resolved page_of(Listing listing, const Arguments& arguments);

// The same of what is sorted already; cursors are positions, as search makes them: what moves between two pages is
// missed or seen twice.
Resolved page_by_position(Listing listing, const Arguments& arguments);

}  // namespace ghstats::sim::graphql
