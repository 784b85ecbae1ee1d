#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "github/graphql/graphql_api.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github::testing {

inline constexpr const char* kGraphqlUrl = "https://api.github.com/graphql";
inline constexpr std::string_view kRateLimitField =
    R"("rateLimit":{"cost":1,"limit":5000,"remaining":4990,"used":10,"resetAt":"2026-09-21T15:00:00Z"})";

// A GraphqlApi beside the Api of the same organisation, on the same scripted network, gate and tokens.
class GraphqlFixture : public ApiFixture {
 public:
  explicit GraphqlFixture(const std::string& base_url = std::string(kBase)) : ApiFixture(base_url) {}

  http::testing::FakeClient::Rule& on_query() { return client.on_post(kGraphqlUrl); }

  // {"data":{...}} with what GitHub says about the limit in front.
  static std::string data(std::string_view fields) {
    return R"({"data":{)" + std::string(kRateLimitField) + "," + std::string(fields) + "}}";
  }
  static std::string data(std::string_view fields, std::string_view errors) {
    return R"({"data":{)" + std::string(fields) + R"(},"errors":[)" + std::string(errors) + "]}";
  }

  // The body of the n-th request.
  [[nodiscard]] boost::json::value asked(std::size_t n) const {
    return boost::json::parse(client.requests().at(n).body);
  }
  [[nodiscard]] boost::json::value variable(std::size_t n, std::string_view name) const {
    const auto body = asked(n);
    const auto* value = body.at("variables").as_object().if_contains(name);
    return value != nullptr ? *value : boost::json::value("absent");
  }

  GraphqlApi graphql{transport, tokens, gate, retry()};
};

}  // namespace ghstats::github::testing
