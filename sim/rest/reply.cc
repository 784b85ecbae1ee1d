#include "sim/rest/reply.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace ghstats::sim {

Reply json_reply(int status, const boost::json::value& value) {
  Reply reply;
  reply.status = status;
  reply.body = boost::json::serialize(value);
  return reply;
}

Reply error_reply(int status, std::string_view message, std::string_view documentation_url) {
  return json_reply(
      status, boost::json::object{
                  {"message", message}, {"documentation_url", documentation_url}, {"status", std::to_string(status)}});
}

Reply not_found() {
  return error_reply(404, "Not Found");
}

Reply invalid_field(std::string_view resource, std::string_view field) {
  boost::json::array errors{boost::json::object{{"resource", resource}, {"code", "invalid"}, {"field", field}}};
  return json_reply(422, boost::json::object{{"message", "Validation Failed"},
                                             {"errors", std::move(errors)},
                                             {"documentation_url", "https://docs.github.com/rest"},
                                             {"status", "422"}});
}

}  // namespace ghstats::sim
