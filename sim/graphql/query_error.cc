#include "sim/graphql/query_error.h"

namespace ghstats::sim::graphql {

boost::json::object to_json(const QueryError& error) {
  boost::json::object json;
  if (!error.type.empty()) json["type"] = error.type;
  if (!error.path.empty()) json["path"] = error.path;
  if (!error.extensions.empty()) json["extensions"] = error.extensions;
  if (!error.locations.empty()) {
    boost::json::array locations;
    for (const auto& at : error.locations) {
      locations.push_back(boost::json::object{{"line", at.line}, {"column", at.column}});
    }
    json["locations"] = std::move(locations);
  }
  json["message"] = error.message;
  return json;
}

}  // namespace ghstats::sim::graphql
