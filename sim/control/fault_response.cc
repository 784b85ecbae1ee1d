#include "sim/control/fault_response.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/time_format.h"

namespace ghstats::sim {

Reply secondary_limit_reply(int status) {
  constexpr int kOk = 200;
  constexpr std::string_view kMessage =
      "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to "
      "GitHub Support for help, please include the request ID.";
  if (status == kOk) {
    boost::json::array errors{boost::json::object{{"type", "RATE_LIMITED"}, {"message", kMessage}}};
    return json_reply(kOk, boost::json::object{{"errors", std::move(errors)}});
  }
  return error_reply(status, kMessage,
                     "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits");
}

Reply primary_limit_reply(int status, std::string_view who, std::uint64_t request_number, TimePoint now) {
  return error_reply(status,
                     fmt::format("API rate limit exceeded for {}. If you reach out to GitHub Support for help, please "
                                 "include the request ID {:08X} and timestamp {} UTC.",
                                 who, request_number, format_rfc3339(now)),
                     "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api");
}

Reply permission_reply(Identity::Kind by) {
  return error_reply(403, by == Identity::Kind::kPersonal ? "Resource not accessible by personal access token"
                                                          : "Resource not accessible by integration");
}

void add_accepted_permissions(const Endpoint& endpoint, Reply& reply) {
  std::string accepted;
  for (const auto permission : endpoint.permissions) {
    accepted += fmt::format("{}{}=read", accepted.empty() ? "" : "; ", permission);
  }
  if (!accepted.empty()) reply.headers.add("X-Accepted-GitHub-Permissions", std::move(accepted));
}

Reply moved_reply(const http::ServerRequest& request, const std::string& api_base, const Repository& repository,
                  const std::string& rest) {
  auto location = fmt::format("{}/repositories/{}{}", api_base, repository.id, rest);
  if (!request.query.empty()) location += '?' + request.query;
  const bool reading = request.method == "GET" || request.method == "HEAD";
  auto reply = json_reply(reading ? 301 : 307,
                          boost::json::object{{"message", "Moved Permanently"},
                                              {"url", location},
                                              {"documentation_url", "https://docs.github.com/v3/#http-redirects"}});
  reply.headers.add("Location", std::move(location));
  return reply;
}

Reply blocked_reply(const Block& block, TimePoint now) {
  return json_reply(block.status, boost::json::object{{"message", "Repository access blocked"},
                                                      {"block",
                                                       {{"reason", block.reason},
                                                        {"created_at", format_rfc3339(now)},
                                                        {"html_url", "https://github.com/" + block.reason}}}});
}

bool needs_real_answer(const FaultAction& action) {
  const bool made_up = action.status || action.body_not_json || action.huge_body_bytes > 0;
  const bool refused = action.secondary_limit || action.primary_limit || action.permission || action.unauthenticated ||
                       action.blocked || action.moved || action.graphql_error;
  return !action.reset && !made_up && !refused;
}

namespace {

void set_date(http::Headers& headers, const std::string& date) {
  http::Headers out;
  for (const auto& field : headers.fields()) out.add(field.name, field.name == "Date" ? date : field.value);
  headers = std::move(out);
}

}  // namespace

void misshape(http::ServerResponse& response, const FaultAction& action, TimePoint now) {
  if (action.date_off) set_date(response.headers, format_http_date(now + std::chrono::seconds{*action.date_off}));
  if (action.date) set_date(response.headers, *action.date);
  if (action.wrong_shape && !response.body.empty()) {
    const bool is_array = response.body.front()->starts_with('[');
    const std::string shape = is_array ? R"({"unexpected":{"shape":[1,2,3]}})" : R"([{"unexpected":"shape"},7,null])";
    response.body = {std::make_shared<const std::string>(shape)};
  }
  if (action.cut_after_bytes) {
    response.disruption = http::Disruption{.after_bytes = *action.cut_after_bytes, .reset = false};
  }
}

Reply fault_reply(const FaultAction& action) {
  Reply reply;
  if (action.secondary_limit) {
    reply = secondary_limit_reply(*action.secondary_limit);
    if (action.retry_after) reply.headers.add("Retry-After", std::to_string(*action.retry_after));
  } else if (action.body_not_json) {
    reply.status = action.status.value_or(200);
    reply.body =
        "<!DOCTYPE html><html><head><title>Unicorn!</title></head><body>This page is taking too long.</body></html>";
  } else if (action.status) {
    constexpr int kFirstError = 400;
    if (*action.status >= kFirstError) reply = error_reply(*action.status, "Server Error");
    if (!action.body.empty()) reply.body = action.body;
    reply.status = *action.status;
  }
  for (const auto& header : action.headers.fields()) reply.headers.add(header.name, header.value);
  return reply;
}

std::vector<std::shared_ptr<const std::string>> huge_body(std::size_t bytes) {
  constexpr std::size_t kChunk = 1UL << 20U;
  const auto chunk = std::make_shared<const std::string>(kChunk, 'x');
  std::vector<std::shared_ptr<const std::string>> body{std::make_shared<const std::string>("[\"")};
  std::size_t left = std::max<std::size_t>(bytes, 4) - 4;
  for (; left >= kChunk; left -= kChunk) body.push_back(chunk);
  body.push_back(std::make_shared<const std::string>(left, 'x'));
  body.push_back(std::make_shared<const std::string>("\"]"));
  return body;
}

}  // namespace ghstats::sim
