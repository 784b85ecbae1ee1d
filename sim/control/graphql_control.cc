#include <boost/json.hpp>

#include "sim/control/control_reply.h"
#include "sim/control/json_fields.h"
#include "sim/service.h"

namespace ghstats::sim {
namespace {

Reply unprocessable(std::string_view message) {
  return error_reply(422, message, "sim/README.md");
}

}  // namespace

Reply Service::control_search(const http::ServerRequest& request) {
  auto& index = graphql_.search;
  if (request.method == "DELETE") {
    index = {};
  } else if (request.method == "POST") {
    const auto body = parse_body(request);
    if (!body) return refused(body.error());
    if (!body->is_object()) return unprocessable("an object is needed");
    const Fields fields(body->as_object());
    const auto lag = fields.integer("lag_seconds").value_or(index.lag.count());
    const auto missing = fields.number("missing").value_or(index.missing);
    if (lag < 0) return unprocessable("lag_seconds: must not be negative");
    if (missing < 0 || missing > 1) return unprocessable("missing: must be from 0 to 1");
    index = {std::chrono::seconds{lag}, missing};
  } else if (request.method != "GET") {
    return wrong_method();
  }
  return json_reply(200, boost::json::object{{"lag_seconds", index.lag.count()}, {"missing", index.missing}});
}

Reply Service::control_graphql(const http::ServerRequest& request) {
  if (request.method == "DELETE") {
    const auto search = graphql_.search;
    graphql_ = {};
    graphql_.search = search;
  } else if (request.method == "POST") {
    const auto body = parse_body(request);
    if (!body) return refused(body.error());
    if (!body->is_object()) return unprocessable("an object is needed");
    const Fields fields(body->as_object());
    const auto type = fields.text("rate_limit_type").value_or(graphql_.rate_limit_type);
    if (type != "RATE_LIMITED" && type != "RATE_LIMIT") {
      return unprocessable("rate_limit_type: RATE_LIMITED or RATE_LIMIT");
    }
    graphql_.rate_limit_type = type;
    graphql_.most_nodes = fields.integer("node_limit").value_or(graphql_.most_nodes);
    if (body->as_object().contains("resource_limit")) graphql_.most_objects = fields.integer("resource_limit");
  } else if (request.method != "GET") {
    return wrong_method();
  }
  const auto most = graphql_.most_objects;
  return json_reply(200,
                    boost::json::object{{"node_limit", graphql_.most_nodes},
                                        {"resource_limit", most ? boost::json::value(*most) : boost::json::value()},
                                        {"rate_limit_type", graphql_.rate_limit_type}});
}

}  // namespace ghstats::sim
