#include "sim/graphql/cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "sim/graphql/object.h"
#include "sim/graphql/selections.h"

namespace ghstats::sim::graphql {
namespace {

constexpr double kRequestsPerPoint = 100;
constexpr std::int64_t kLargestPage = 100;

// 1234567 as "1,234,567".
std::string with_commas(std::int64_t number) {
  auto text = std::to_string(number);
  for (auto i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > 0; i -= 3)
    text.insert(static_cast<std::size_t>(i), ",");
  return text;
}

class Counter {
 public:
  Counter(const Schema& schema, const Document& document, const boost::json::object& variables, std::int64_t most)
      : schema_(schema), document_(document), variables_(variables), most_(most) {}

  // `parents`: how many objects have these selections.
  void visit(const std::vector<Selection>& selections, const Type& type, std::int64_t parents) {
    for_each_field(
        document_, selections, variables_, [](std::string_view) { return true; },
        [&](const Selection& selection, std::string_view condition) {
          const auto& on = condition.empty() ? type : *schema_.find(condition);
          const auto* const field = schema_.field(on, selection.name);
          visit_field(selection, *field, parents);
        });
  }

  std::expected<Cost, QueryError> result() {
    if (!error_ && nodes_ > most_) {
      error_ = fmt::format("This query requests up to {} possible nodes which exceeds the maximum limit of {}.",
                           with_commas(nodes_), with_commas(most_));
    }
    if (error_) return std::unexpected(QueryError{.message = *error_, .type = "MAX_NODE_LIMIT_EXCEEDED"});
    const auto points = std::llround(static_cast<double>(requests_) / kRequestsPerPoint);
    return Cost{std::max<std::int64_t>(points, 1), nodes_};
  }

 private:
  void visit_field(const Selection& selection, const FieldType& field, std::int64_t parents) {
    const auto& type = *schema_.find(field.type.named());
    if (!type.is_composite()) return;
    const Arguments arguments(field.name, argument_values(field, selection, variables_), {});
    std::int64_t children = parents;
    if (field.is_connection()) {
      const auto page = arguments.integer("first") ? arguments.integer("first") : arguments.integer("last");
      if (page) children = count(parents, std::clamp<std::int64_t>(*page, 0, kLargestPage), field.name);
    } else if (const auto ids = arguments.texts("ids")) {
      children = count(parents, static_cast<std::int64_t>(ids->size()), field.name);
    }
    visit(selection.selections, type, children);
  }

  std::int64_t count(std::int64_t parents, std::int64_t page, const std::string& field) {
    requests_ += parents;
    const auto children = parents * page;
    nodes_ += children;
    if (children > most_ && !error_) {
      error_ = fmt::format(
          "By the time this query traverses to the {} connection, it is requesting up to {} possible nodes which "
          "exceeds "
          "the maximum limit of {}.",
          field, with_commas(children), with_commas(most_));
    }
    // Beyond the limit numbers do not matter, but must not overflow.
    return std::min(children, most_ + 1);
  }

  const Schema& schema_;
  const Document& document_;
  const boost::json::object& variables_;
  std::int64_t most_;
  std::int64_t requests_ = 0;
  std::int64_t nodes_ = 0;
  std::optional<std::string> error_;
};

}  // namespace

std::expected<Cost, QueryError> cost_of(const Schema& schema, const Document& document, const Operation& operation,
                                        const boost::json::object& variables, std::int64_t most_nodes) {
  Counter counter(schema, document, variables, most_nodes);
  counter.visit(operation.selections, *schema.find("Query"), 1);
  return counter.result();
}

}  // namespace ghstats::sim::graphql
