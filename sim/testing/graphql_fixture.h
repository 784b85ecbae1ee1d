// A small simulated GitHub asked by GraphQL.
#pragma once

#include "sim/testing/api_fixture.h"

namespace ghstats::sim::testing {

class GraphqlFixture : public ApiFixture {
 protected:
  using ApiFixture::ApiFixture;

  Got post(const std::string& query, boost::json::object variables = {}, std::string_view operation = {},
           const std::string& target = "/graphql") {
    boost::json::object body{{"query", query}, {"variables", std::move(variables)}};
    if (!operation.empty()) body["operationName"] = operation;
    http::Headers headers;
    headers.add("Authorization", "bearer pat");
    headers.add("User-Agent", "test");
    return send("POST", target, std::move(headers), boost::json::serialize(body));
  }
  // The data of a query that has no errors.
  boost::json::value data(const std::string& query, boost::json::object variables = {},
                          std::string_view operation = {}) {
    const auto got = post(query, std::move(variables), operation);
    EXPECT_EQ(got.status, 200) << got.body;
    const auto json = got.json();
    EXPECT_FALSE(json.as_object().contains("errors")) << got.body;
    return json.as_object().contains("data") ? json.at("data") : boost::json::value();
  }
  // The only error of a query.
  boost::json::value error(const std::string& query, boost::json::object variables = {}) {
    const auto got = post(query, std::move(variables));
    EXPECT_EQ(got.status, 200) << got.body;
    const auto json = got.json();
    if (!json.as_object().contains("errors")) {
      ADD_FAILURE() << got.body;
      return boost::json::object{{"message", ""}};
    }
    EXPECT_EQ(json.at("errors").as_array().size(), 1U) << got.body;
    return json.at("errors").at(0);
  }
  std::string why(const std::string& query, boost::json::object variables = {}) {
    return std::string(error(query, std::move(variables)).at("message").as_string());
  }
};

}  // namespace ghstats::sim::testing
