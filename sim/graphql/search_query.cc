#include "sim/graphql/search_query.h"

#include "base/time_format.h"
#include "sim/world/world.h"

namespace ghstats::sim::graphql {
namespace {

// From its first to its last second.
std::optional<TimeRange> parse_moment(std::string_view text) {
  constexpr std::size_t kDay = 10;  // "2026-11-20"
  if (text.size() == kDay) {
    const auto midnight = parse_rfc3339(std::string(text) + "T00:00:00Z");
    if (!midnight) return std::nullopt;
    return TimeRange{*midnight, *midnight + std::chrono::days{1} - std::chrono::seconds{1}};
  }
  const auto time = parse_rfc3339(std::string(text));
  if (!time) return std::nullopt;
  return TimeRange{*time, *time};
}

std::optional<TimeRange> parse_span(std::string_view from, std::string_view to) {
  TimeRange range;
  if (from != "*") {
    const auto begin = parse_moment(from);
    if (!begin) return std::nullopt;
    range.from = begin->from;
  }
  if (to != "*") {
    const auto end = parse_moment(to);
    if (!end) return std::nullopt;
    range.to = end->to;
  }
  return range;
}

// Blanks separate, but for those in quotes.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> terms;
  std::string term;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      if (!term.empty()) terms.push_back(std::move(term));
      term.clear();
    } else {
      term += c;
    }
  }
  if (!term.empty()) terms.push_back(std::move(term));
  return terms;
}

bool take_kind(const std::string& value, SearchQuery& query) {
  if (value == "pr" || value == "pull-request") {
    query.pulls = true;
  } else if (value == "issue") {
    query.pulls = false;
  } else if (value == "open" || value == "closed") {
    query.open = value == "open";
  } else if (value == "merged" || value == "unmerged") {
    query.merged = value == "merged";
  } else {
    return false;
  }
  return true;
}

bool take_sort(const std::string& value, SearchQuery& query) {
  const auto dash = value.find('-');
  const auto field = value.substr(0, dash);
  if (field != "created" && field != "updated") return false;
  query.sort = field;
  query.ascending = dash != std::string::npos && value.substr(dash + 1) == "asc";
  return true;
}

bool take_range(std::string_view value, std::optional<TimeRange>& range) {
  range = parse_range(value);
  return range.has_value();
}

bool take_name(const std::string& value, std::vector<std::string>& names) {
  names.push_back(lower_case(value));
  return true;
}

// False when it is no such qualifier.
bool take_qualifier(const std::string& name, const std::string& value, SearchQuery& query) {
  if (name == "org" || name == "user") return take_name(value, query.owners);
  if (name == "repo") return take_name(value, query.repositories);
  if (name == "author") return take_name(value, query.authors);
  if (name == "is" || name == "type" || name == "state") return take_kind(value, query);
  if (name == "created") return take_range(value, query.created);
  if (name == "updated") return take_range(value, query.updated);
  if (name == "closed") return take_range(value, query.closed);
  if (name == "merged") return take_range(value, query.merged_in);
  if (name == "sort") return take_sort(value, query);
  if (name != "archived") return false;
  query.archived = value == "true";
  return true;
}

}  // namespace

std::optional<TimeRange> parse_range(std::string_view text) {
  if (const auto dots = text.find(".."); dots != std::string_view::npos) {
    return parse_span(text.substr(0, dots), text.substr(dots + 2));
  }
  const bool equal = text.size() > 1 && text[1] == '=';
  const char comparison = text.empty() ? '\0' : text.front();
  if (comparison != '<' && comparison != '>') return parse_moment(text);
  const auto moment = parse_moment(text.substr(equal ? 2 : 1));
  if (!moment) return std::nullopt;
  constexpr std::chrono::seconds kNext{1};
  if (comparison == '>') return TimeRange{equal ? moment->from : moment->to + kNext, TimePoint::max()};
  return TimeRange{TimePoint::min(), equal ? moment->to : moment->from - kNext};
}

SearchQuery parse_search(std::string_view text) {
  SearchQuery query;
  for (const auto& term : split(text)) {
    const auto colon = term.find(':');
    const bool understood =
        colon != std::string::npos && take_qualifier(lower_case(term.substr(0, colon)), term.substr(colon + 1), query);
    if (!understood) query.words.push_back(lower_case(term));
  }
  return query;
}

}  // namespace ghstats::sim::graphql
