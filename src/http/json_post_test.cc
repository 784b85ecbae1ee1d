#include "http/json_post.h"

#include <gtest/gtest.h>

#include <vector>

#include "async/testing/run.h"
#include "http/testing/fake_client.h"

namespace ghstats::http {
namespace {

using namespace std::chrono_literals;
using async::Idempotency;

constexpr const char* kUrl = "https://collector.example/v1/traces?key=secret";

class JsonPostTest : public ::testing::Test {
 protected:
  Result<Response> post(Idempotency idempotency) {
    async::RetryEnvironment retry;
    retry.policy = {.max_attempts = 3, .initial_backoff = 1s, .max_backoff = 10s, .jitter = false};
    retry.sleep = [this](std::chrono::nanoseconds wait) -> async::Task<Status> {
      waits_.push_back(std::chrono::duration_cast<std::chrono::seconds>(wait));
      co_return Status{};
    };
    JsonPost post{.url = kUrl, .json = R"({"a":1})", .headers = {{"X-A", "b"}}, .credentials = {}};
    return async::testing::run(post_json(client_, std::move(retry), idempotency, std::move(post)));
  }

  testing::FakeClient client_;
  std::vector<std::chrono::seconds> waits_;
};

TEST_F(JsonPostTest, SendsTheDocumentAsJson) {
  client_.on_post(kUrl).reply(200, "ok");
  const auto response = post(Idempotency::kNotIdempotent);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "ok");
  const Request& sent = client_.requests().at(0);
  EXPECT_EQ(sent.body, R"({"a":1})");
  EXPECT_EQ(sent.headers.get("Content-Type"), "application/json");
  EXPECT_EQ(sent.headers.get("X-A"), "b");
}

TEST_F(JsonPostTest, RepeatsTheSameDocumentAfterFailuresThatMayPass) {
  client_.on_post(kUrl).reply(503).fail(ErrorCode::kTimeout).reply(200);
  EXPECT_TRUE(post(Idempotency::kIdempotent));
  EXPECT_EQ(waits_, (std::vector{1s, 2s}));
  for (const Request& request : client_.requests()) EXPECT_EQ(request.body, R"({"a":1})");
}

TEST_F(JsonPostTest, NamesTheLastStatusWhenTheAttemptsAreUsedUp) {
  client_.on_post(kUrl).reply(502).reply(500).reply(503);
  const auto response = post(Idempotency::kIdempotent);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(response.error().message, "POST https://collector.example/v1/traces: HTTP 503");
  EXPECT_EQ(client_.requests().size(), 3U);
}

TEST_F(JsonPostTest, NeverRepeatsWhatIsNotIdempotent) {
  client_.on_post(kUrl).reply(503).reply(200);
  EXPECT_FALSE(post(Idempotency::kNotIdempotent));
  EXPECT_EQ(client_.requests().size(), 1U);
}

TEST_F(JsonPostTest, OtherStatusesAreAnswers) {
  client_.on_post(kUrl).reply(429).reply(401).reply(307);
  for (const int status : {429, 401, 307}) {
    const auto response = post(Idempotency::kIdempotent);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, status);
  }
}

}  // namespace
}  // namespace ghstats::http
