// What is wrong with a query, as GitHub tells it.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "sim/graphql/syntax.h"

namespace ghstats::sim::graphql {

// Errors of execution have a type ("NOT_FOUND"), those of validation extensions with a code ("undefinedField").
struct QueryError {
  std::string message;
  std::string type = {};
  boost::json::array path = {};
  boost::json::object extensions = {};
  std::vector<Location> locations = {};
};

boost::json::object to_json(const QueryError& error);

}  // namespace ghstats::sim::graphql
