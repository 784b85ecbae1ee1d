// What an endpoint answers, before it becomes HTTP.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "http/message.h"

namespace ghstats::sim {

struct Reply {
  int status = 200;
  std::string body;
  http::Headers headers;
  bool has_etag = true;  // of a 200 to GET
  std::string etag;      // with its quotes; empty: made of headers and body
  std::string content_type = "application/json; charset=utf-8";
};

Reply json_reply(int status, const boost::json::value& value);

// {"message":..., "documentation_url":..., "status":"404"}
Reply error_reply(int status, std::string_view message,
                  std::string_view documentation_url = "https://docs.github.com/rest");
Reply not_found();
// 422 "Validation Failed" for one field.
Reply invalid_field(std::string_view resource, std::string_view field);

}  // namespace ghstats::sim
