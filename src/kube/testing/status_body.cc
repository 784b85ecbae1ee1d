#include "kube/testing/status_body.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

namespace ghstats::kube::testing {
namespace {

namespace json = boost::json;

constexpr std::string_view kGroup = "coordination.k8s.io";
constexpr std::string_view kResource = "leases.coordination.k8s.io";

StatusDetails of_lease(std::string_view name) {
  return {.name = std::string(name), .group = std::string(kGroup), .kind = "leases", .causes = {}};
}

void put(json::object& object, std::string_view name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

json::object to_json(const StatusDetails& details) {
  json::object out;
  put(out, "name", details.name);
  put(out, "group", details.group);
  put(out, "kind", details.kind);
  json::array causes;
  for (const auto& cause : details.causes) {
    json::object entry;
    put(entry, "reason", cause.reason);
    put(entry, "message", cause.message);
    put(entry, "field", cause.field);
    causes.push_back(std::move(entry));
  }
  if (!causes.empty()) out["causes"] = std::move(causes);
  if (details.retry_after_seconds > 0) out["retryAfterSeconds"] = details.retry_after_seconds;
  return out;
}

}  // namespace

http::Response json_answer(int code, std::string body) {
  http::Response out;
  out.status = code;
  out.headers = {{"Cache-Control", "no-cache, private"}, {"Content-Type", "application/json"}};
  out.body = std::move(body);
  return out;
}

http::Response status_answer(int code, std::string_view reason, std::string_view message,
                             const StatusDetails& details) {
  json::object out;
  out["kind"] = "Status";
  out["apiVersion"] = "v1";
  out["metadata"] = json::object();
  out["status"] = "Failure";
  out["message"] = message;
  put(out, "reason", std::string(reason));
  json::object described = to_json(details);
  if (!described.empty()) out["details"] = std::move(described);
  out["code"] = code;
  return json_answer(code, json::serialize(out) + "\n");
}

http::Response unauthorized() {
  return status_answer(401, "Unauthorized", "Unauthorized");
}

http::Response bad_request(std::string_view message) {
  return status_answer(400, "BadRequest", message);
}

http::Response not_found(std::string_view name) {
  return status_answer(404, "NotFound", fmt::format("{} \"{}\" not found", kResource, name), of_lease(name));
}

http::Response already_exists(std::string_view name) {
  return status_answer(409, "AlreadyExists", fmt::format("{} \"{}\" already exists", kResource, name), of_lease(name));
}

http::Response conflict(std::string_view name, std::string_view why) {
  return status_answer(409, "Conflict",
                       fmt::format("Operation cannot be fulfilled on {} \"{}\": {}", kResource, name, why),
                       of_lease(name));
}

http::Response unsupported_media_type() {
  return status_answer(415, "UnsupportedMediaType",
                       "the body of the request was in an unknown format - accepted media types include: "
                       "application/json, application/yaml, application/vnd.kubernetes.protobuf");
}

http::Response method_not_allowed() {
  return status_answer(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
}

http::Response no_such_resource() {
  return status_answer(404, "NotFound", "the server could not find the requested resource");
}

http::Response no_such_path() {
  http::Response out;
  out.status = 404;
  out.headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"X-Content-Type-Options", "nosniff"}};
  out.body = "404 page not found\n";
  return out;
}

http::Response invalid(std::string_view kind, std::string_view name, std::vector<StatusDetails::Cause> causes) {
  std::string all;
  for (const auto& cause : causes) all += fmt::format("{}{}: {}", all.empty() ? "" : ", ", cause.field, cause.message);
  if (causes.size() > 1) all = "[" + all + "]";
  StatusDetails details{
      .name = std::string(name), .group = std::string(kGroup), .kind = std::string(kind), .causes = std::move(causes)};
  return status_answer(422, "Invalid", fmt::format("{}.{} \"{}\" is invalid: {}", kind, kGroup, name, all), details);
}

}  // namespace ghstats::kube::testing
