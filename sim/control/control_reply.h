// What all controls have in common.
#pragma once

#include <boost/json/value.hpp>

#include "http/router.h"
#include "sim/rest/reply.h"

namespace ghstats::sim {

// 422 with what is wrong.
Reply refused(const Error& error);
// 405.
Reply wrong_method();
// kInvalidData when the body is no JSON.
Result<boost::json::value> parse_body(const http::ServerRequest& request);

}  // namespace ghstats::sim
