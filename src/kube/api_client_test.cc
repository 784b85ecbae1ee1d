#include "kube/api_client.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "http/testing/fake_client.h"
#include "kube/testing/api_fixture.h"
#include "net/testing/certificates.h"

namespace ghstats::kube {
namespace {

using std::chrono::milliseconds;
using testing::kImpatience;
using testing::kPatience;

const std::string kPath = "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases/github-stats-exporter";

class ApiClientTest : public testing::ApiFixture {
 protected:
  Result<std::string> get(ApiClient& client, std::chrono::nanoseconds timeout = kPatience) {
    return run(client.call({.method = http::Method::kGet, .path = kPath, .json = {}, .timeout = timeout}));
  }
  Error error_of(ApiClient& client, std::chrono::nanoseconds timeout = kPatience) {
    const auto answer = get(client, timeout);
    return answer ? Error{ErrorCode::kInternal, "no error: " + *answer} : answer.error();
  }
  // "GET https://127.0.0.1:1234/...: "
  [[nodiscard]] std::string context() const {
    return "GET https://127.0.0.1:" + std::to_string(server_.port()) + kPath + ": ";
  }
  void create_lease() {
    const auto made = server_.act("POST", "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases",
                                  R"({"metadata":{"name":"github-stats-exporter"}})");
    ASSERT_EQ(made.status, 201) << made.body;
  }
};

TEST_F(ApiClientTest, AsksOverTlsWithTheTokenAndWithoutAProxy) {
  create_lease();
  const auto client = make_client();
  const auto answer = get(*client);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(*answer, *server_.lease() + "\n");
  ASSERT_EQ(server_.requests().size(), 1U);
  EXPECT_EQ(server_.requests()[0].writer.token, "token-1");
  EXPECT_EQ(server_.requests()[0].user_agent, "ghstats-test/1.0");
}

TEST_F(ApiClientTest, AsksOverIpv6) {
  if (!std::filesystem::exists("/proc/net/if_inet6")) GTEST_SKIP() << "no IPv6";
  create_lease();
  const auto client = make_client(cluster(server_.open_port(true), "::1"));
  const auto answer = get(*client);
  ASSERT_TRUE(answer) << answer.error().message;
}

TEST_F(ApiClientTest, TrustsNobodyElse) {
  const testing::ServiceAccountFolder other(net::testing::make_certificates("somebody else").authority, "token-1");
  InCluster at = cluster(server_.port());
  at.ca_file = other.files().authority;
  const auto client = make_client(at);
  const Error error = error_of(*client);
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_TRUE(error.message.starts_with(context())) << error.message;
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(ApiClientTest, ARefusalHasTheServersWords) {
  const auto client = make_client();
  const Error error = error_of(*client);
  EXPECT_EQ(error.code, ErrorCode::kNotFound);
  EXPECT_EQ(error.message,
            context() + "HTTP 404 NotFound: leases.coordination.k8s.io \"github-stats-exporter\" not found");
}

TEST_F(ApiClientTest, ARefusedTokenIsReadAgainAndTheRequestRepeatedAtOnce) {
  create_lease();
  const auto client = make_client();
  ASSERT_TRUE(get(*client));
  server_.set_tokens({"token-2"});
  account_.set_token("token-2");
  const auto answer = get(*client);
  ASSERT_TRUE(answer) << answer.error().message;
  const auto seen = server_.requests();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[1].status, 401);
  EXPECT_EQ(seen[1].writer.token, "token-1");
  EXPECT_EQ(seen[2].writer.token, "token-2");
}

TEST_F(ApiClientTest, ARefusedTokenIsNotSentAgainWhenThereIsNoOther) {
  server_.set_tokens({"token-2"});
  const auto client = make_client();
  const Error error = error_of(*client);
  EXPECT_EQ(error.code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(error.message, context() + "HTTP 401 Unauthorized: Unauthorized");
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(ApiClientTest, ASecondRefusalEndsTheCall) {
  server_.set_tokens({"token-3"});
  const auto client = make_client();
  EXPECT_EQ(error_of(*client).code, ErrorCode::kUnauthenticated);
  account_.set_token("token-2");
  EXPECT_EQ(error_of(*client).code, ErrorCode::kUnauthenticated);
  const auto seen = server_.requests();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[1].writer.token, "token-1");
  EXPECT_EQ(seen[2].writer.token, "token-2");
}

TEST_F(ApiClientTest, ARefusedTokenWhoseFileIsGoneSaysSo) {
  const auto client = make_client();
  (void)error_of(*client);
  server_.set_tokens({"token-2"});
  account_.remove_token();
  const Error error = error_of(*client);
  EXPECT_EQ(error.code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(error.message, context() +
                               "HTTP 401 Unauthorized: Unauthorized (the last token that could be read; token "
                               "file '" +
                               account_.files().token + "': does not exist)");
  account_.set_token("token-2");
  EXPECT_EQ(error_of(*client).code, ErrorCode::kNotFound);
}

TEST_F(ApiClientTest, TheTokenIsReadEveryMinute) {
  const auto client = make_client();
  (void)error_of(*client);
  account_.set_token("token-2");
  clock_->advance(std::chrono::seconds{59});
  (void)error_of(*client);
  clock_->advance(std::chrono::seconds{1});
  (void)error_of(*client);
  const auto seen = server_.requests();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[1].writer.token, "token-1");
  EXPECT_EQ(seen[2].writer.token, "token-2");
}

TEST_F(ApiClientTest, ErrorsNeverNameTheToken) {
  server_.set_tokens({});
  account_.set_token("very-secret");
  const auto client = make_client();
  EXPECT_FALSE(error_of(*client).message.contains("very-secret"));
  server_.fail_next(testing::resetting_before(), testing::kEveryAttempt);
  const Error error = error_of(*client);
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_FALSE(error.message.contains("very-secret")) << error.message;
}

TEST_F(ApiClientTest, TheTokenGoesToNoOtherServerEvenIfSentThere) {
  testing::Fault away = testing::answering_body(307, "");
  const std::uint16_t other = server_.open_port();
  away.answer->headers.add("Location", "https://127.0.0.1:" + std::to_string(other) + kPath);
  server_.fail_next(away);
  const auto client = make_client();
  EXPECT_EQ(error_of(*client).code, ErrorCode::kInvalidData);
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(ApiClientTest, WhatIsNoAnswerIsAnError) {
  const auto client = make_client();
  server_.fail_next(testing::answering(429, "TooManyRequests", "too many requests, please try again later", 1));
  Error error = error_of(*client);
  EXPECT_EQ(error.code, ErrorCode::kRateLimited);
  EXPECT_EQ(error.message, context() +
                               "HTTP 429 TooManyRequests: too many requests, please try again later (retry "
                               "after 1 s)");
  server_.fail_next(testing::answering(500, "InternalError", "etcdserver: request timed out"));
  EXPECT_EQ(error_of(*client).code, ErrorCode::kUnavailable);
  server_.fail_next(testing::answering_body(502, "<html>"));
  EXPECT_EQ(error_of(*client).code, ErrorCode::kUnavailable);
  server_.fail_next({.raw = "SSH-2.0-OpenSSH_9.2\r\n\r\n"});
  error = error_of(*client);
  EXPECT_EQ(error.code, ErrorCode::kInvalidData) << error.message;
  server_.fail_next(testing::resetting_before());
  EXPECT_EQ(error_of(*client).code, ErrorCode::kUnavailable);
  server_.fail_next(testing::cutting_answer(60));
  EXPECT_EQ(error_of(*client).code, ErrorCode::kUnavailable);
  create_lease();
  server_.fail_next(testing::cutting_answer(300));  // inside the body
  EXPECT_EQ(error_of(*client).code, ErrorCode::kUnavailable);
  server_.fail_next(testing::answering_body(200, std::string(ApiClient::kMaxAnswerBytes + 1, 'x')));
  EXPECT_EQ(error_of(*client).code, ErrorCode::kTooLarge);
  EXPECT_TRUE(get(*client));
}

TEST_F(ApiClientTest, AHungCallEndsInTimeAndTakesNoOtherWithIt) {
  create_lease();
  const auto client = make_client();
  ASSERT_TRUE(get(*client));
  server_.cut_off(testing::Cut::kAnswersLost);
  EXPECT_EQ(error_of(*client, kImpatience).code, ErrorCode::kTimeout);
  // The connection that hung is left, so the next call does not wait behind it.
  server_.heal();
  ASSERT_TRUE(get(*client));
}

// The server, or what is on the way to it, has ended a connection while nobody asked: no call fails for that.
TEST_F(ApiClientTest, AConnectionThatDiedMeanwhileCostsNoCall) {
  create_lease();
  const auto client = make_client();
  ASSERT_TRUE(get(*client));
  server_.fail_next(testing::resetting_before());
  ASSERT_TRUE(get(*client));
  server_.fail_next(testing::resetting_before(), testing::kEveryAttempt);
  EXPECT_EQ(error_of(*client).code, ErrorCode::kUnavailable);
}

TEST_F(ApiClientTest, ARepeatedCallHasWhatIsLeftOfItsTime) {
  auto fake = std::make_unique<http::testing::FakeClient>();
  auto& asked = *fake;
  const std::string url = "https://10.0.0.1:443";
  asked.on_get(url + kPath)
      .call([this](const http::Request&) -> Result<http::Response> {
        account_.set_token("token-2");
        clock_->advance(milliseconds{700});
        return http::Response{401, {}, "", ""};
      })
      .reply(200, "{}");
  ApiClient client(std::move(fake), url, TokenFile(account_.files().token), clock_);
  ASSERT_TRUE(get(client, milliseconds{1000}));
  ASSERT_EQ(asked.requests().size(), 2U);
  EXPECT_EQ(asked.requests()[0].timeout, Duration{1000});
  EXPECT_EQ(asked.requests()[1].timeout, Duration{300});
  EXPECT_EQ(asked.requests()[1].max_redirects, 0);
  EXPECT_FALSE(asked.requests()[1].headers.get("Authorization"));
  EXPECT_EQ(http::testing::FakeClient::sent_header(asked.requests()[1], "Authorization"), "Bearer token-2");
}

TEST_F(ApiClientTest, AnAuthorityWithoutACertificateIsAnError) {
  InCluster at = cluster(server_.port());
  at.ca_file = account_.files().token;
  const auto made = make_api_client(io_.get_executor(), at, "test", clock_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(made.error().message.contains(at.ca_file)) << made.error().message;
}

TEST_F(ApiClientTest, WithoutAnyTokenNothingIsSent) {
  const InCluster at = cluster(server_.port());
  account_.remove_token();
  const auto client = make_client(at);
  EXPECT_EQ(error_of(*client).message, "token file '" + at.token_file + "': does not exist");
  EXPECT_TRUE(server_.requests().empty());
}

}  // namespace
}  // namespace ghstats::kube
