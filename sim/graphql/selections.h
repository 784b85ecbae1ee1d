// Selections as they apply: conditions decided, fragments replaced by what stands in them.
#pragma once

#include <boost/json/object.hpp>
#include <functional>

#include "sim/graphql/schema.h"

namespace ghstats::sim::graphql {

// Whether @include and @skip let it stand.
bool is_included(const Selection& selection, const boost::json::object& variables);

// Calls `visit` for every field in the order of the document; `applies` says whether a fragment on that type is looked
// into ("": no condition).
void for_each_field(const Document& document, const std::vector<Selection>& selections,
                    const boost::json::object& variables, const std::function<bool(std::string_view)>& applies,
                    const std::function<void(const Selection&, std::string_view condition)>& visit,
                    std::string_view condition = {});

// What the field's arguments stand for, defaults filled in.
boost::json::object argument_values(const FieldType& field, const Selection& selection,
                                    const boost::json::object& variables);

}  // namespace ghstats::sim::graphql
