#include "sim/graphql/endpoint.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "sim/graphql/execute.h"
#include "sim/graphql/objects.h"
#include "sim/graphql/validate.h"
#include "sim/graphql/variables.h"

namespace ghstats::sim::graphql {
namespace {

namespace json = boost::json;

json::array to_json(const std::vector<QueryError>& errors) {
  json::array listed;
  for (const auto& error : errors) listed.push_back(graphql::to_json(error));
  return listed;
}

Reply reply_of(const json::object& body) {
  auto reply = json_reply(200, body);
  reply.has_etag = false;
  return reply;
}

}  // namespace

Answer answer(const Request& request, Moment& moment, RateBucket* budget, const Settings& settings,
              const std::string& who) {
  const auto& schema = Schema::github();
  if (budget != nullptr && budget->exhausted(moment.now())) return {rate_limit_reply(settings.rate_limit_type, who)};
  if (!request.document) return {errors_reply({request.document.error()})};
  const auto invalid = validate(schema, *request.document);
  if (!invalid.empty()) return {errors_reply(invalid)};
  const auto operation = request.operation();
  if (!operation) return {errors_reply({operation.error()})};
  const auto variables = coerce_variables(schema, **operation, request.variables);
  if (!variables) return {errors_reply(variables.error())};
  const auto cost = cost_of(schema, *request.document, **operation, *variables, settings.most_nodes);
  if (!cost) return {errors_reply({cost.error()})};
  if (budget != nullptr) {
    budget->charge(moment.now(), cost->points);
    moment.budget = budget->state(moment.now());
  }
  moment.cost = *cost;
  const auto executed =
      execute({schema, *request.document, *variables, settings.most_objects}, **operation, query_object(moment));
  json::object body{{"data", executed.data}};
  if (!executed.errors.empty()) body["errors"] = to_json(executed.errors);
  return {reply_of(body), cost->points};
}

Reply errors_reply(const std::vector<QueryError>& errors) {
  return reply_of({{"errors", to_json(errors)}});
}

Reply rate_limit_reply(const std::string& type, const std::string& who) {
  json::object error{{"type", type}};
  if (type == "RATE_LIMIT") {
    error["code"] = "graphql_rate_limit";
    error["message"] = fmt::format("API rate limit already exceeded for {}.", who);
  } else {
    error["message"] = fmt::format("API rate limit exceeded for {}.", who);
  }
  return reply_of({{"errors", json::array{std::move(error)}}});
}

Reply something_went_wrong_reply(int status, std::string_view request_id) {
  json::object error{
      {"message",
       fmt::format("Something went wrong while executing your query. This may be the result of a timeout, or "
                   "it could be a GitHub bug. Please include `{}` when reporting this issue.",
                   request_id)}};
  auto reply = reply_of({{"data", nullptr}, {"errors", json::array{std::move(error)}}});
  reply.status = status;
  return reply;
}

Reply timeout_reply(int status) {
  return json_reply(status, json::object{{"message",
                                          "We couldn't respond to your request in time. Sorry about that. Please try "
                                          "resubmitting your request and contact us if the problem persists."},
                                         {"documentation_url", "https://docs.github.com/graphql"}});
}

}  // namespace ghstats::sim::graphql
