#include "sim/control/control_reply.h"

#include <boost/json/parse.hpp>

namespace ghstats::sim {

Reply refused(const Error& error) {
  return error_reply(422, error.message, "sim/README.md");
}

Reply wrong_method() {
  return error_reply(405, "Method not allowed", "sim/README.md");
}

Result<boost::json::value> parse_body(const http::ServerRequest& request) {
  boost::json::error_code error;
  auto value = boost::json::parse(request.body, error);
  if (error) return fail(ErrorCode::kInvalidData, "the body is not JSON: " + error.message());
  return value;
}

}  // namespace ghstats::sim
