#include "kube/testing/api_server.h"

#include <gtest/gtest.h>

#include "kube/testing/api_fixture.h"

namespace ghstats::kube::testing {
namespace {

using std::chrono::milliseconds;

const std::string kLeases = "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases";
const std::string kLease = kLeases + "/github-stats-exporter";

class ApiServerTest : public ApiFixture {
 protected:
  // As any program would ask, with any header.
  Result<http::Response> ask(http::Method method, const std::string& path, const std::string& body = "",
                             http::Headers headers = {{"Authorization", "Bearer token-1"}},
                             Duration timeout = kPatience, std::uint16_t port = 0) {
    return run(send(method, path, body, std::move(headers), timeout, port));
  }
  async::Task<Result<http::Response>> send(http::Method method, std::string path, std::string body,
                                           http::Headers headers, Duration timeout, std::uint16_t port) {
    if (!client_) {
      auto made = http::make_curl_client(
          io_.get_executor(),
          {.user_agent = "somebody/1.0", .ca_file = account_.files().authority, .proxy = {}, .direct = true});
      if (!made) co_return fail(made.error());
      client_ = *std::move(made);
    }
    http::Request request;
    request.method = method;
    request.url = "https://127.0.0.1:" + std::to_string(port == 0 ? server_.port() : port) + path;
    request.headers = std::move(headers);
    request.body = body;
    request.timeout = timeout;
    co_return co_await client_->send(std::move(request));
  }
  // Creates the Lease; see call_in_vain().
  bool post_in_vain(std::function<bool()> happened) {
    return call_in_vain<http::Response>(
        [this] {
          return send(http::Method::kPost, kLeases, lease_body("a"), {{"Authorization", "Bearer token-1"}}, kPatience,
                      0);
        },
        std::move(happened));
  }
  static int status_of(const Result<http::Response>& answer) { return answer ? answer->status : -1; }
  static std::string lease_body(const std::string& holder) {
    return R"({"metadata":{"name":"github-stats-exporter"},"spec":{"holderIdentity":")" + holder + R"("}})";
  }

  std::unique_ptr<http::Client> client_;
};

TEST_F(ApiServerTest, AsksWhoItIsBeforeAnythingElse) {
  EXPECT_EQ(status_of(ask(http::Method::kGet, "/nowhere", "", {{"Authorization", "Bearer wrong"}})), 401);
  const auto anonymous = ask(http::Method::kGet, kLease, "", {});
  ASSERT_TRUE(anonymous) << anonymous.error().message;
  EXPECT_EQ(anonymous->status, 403);
  EXPECT_TRUE(anonymous->body.contains("User \\\"system:anonymous\\\" cannot get")) << anonymous->body;
  EXPECT_EQ(status_of(ask(http::Method::kGet, "/nowhere")), 403);
  EXPECT_EQ(status_of(ask(http::Method::kGet, kLease)), 404);
  server_.set_rules(rules_for_everything());
  const auto nowhere = ask(http::Method::kGet, "/nowhere");
  ASSERT_TRUE(nowhere);
  EXPECT_EQ(nowhere->status, 404);
  EXPECT_EQ(nowhere->body, "404 page not found\n");
}

TEST_F(ApiServerTest, TokensExpire) {
  server_.set_tokens({"token-1", "token-2"});
  EXPECT_EQ(status_of(ask(http::Method::kGet, kLease, "", {{"Authorization", "Bearer token-2"}})), 404);
  server_.set_tokens({"token-2"});
  EXPECT_EQ(status_of(ask(http::Method::kGet, kLease)), 401);
}

TEST_F(ApiServerTest, AllPortsAreOneServerAndWritesTellWhereTheyCameFrom) {
  const std::uint16_t other = server_.open_port();
  ASSERT_EQ(status_of(ask(http::Method::kPost, kLeases, lease_body("a"))), 201);
  const auto read = ask(http::Method::kGet, kLease, "", {{"Authorization", "Bearer token-1"}}, kPatience, other);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->status, 200);
  std::string body = read->body;
  body.replace(body.find("\"a\""), 3, "\"b\"");
  ASSERT_EQ(status_of(ask(http::Method::kPut, kLease, body, {{"Authorization", "Bearer token-1"}}, kPatience, other)),
            200);
  const auto writes = server_.writes();
  ASSERT_EQ(writes.size(), 2U);
  EXPECT_EQ(writes[0].verb + writes[0].holder, "createa");
  EXPECT_EQ(writes[0].writer.port, server_.port());
  EXPECT_EQ(writes[1].verb + writes[1].holder, "updateb");
  EXPECT_EQ(writes[1].writer.port, other);
  EXPECT_EQ(writes[1].writer.token, "token-1");
  EXPECT_LT(writes[0].resource_version, writes[1].resource_version);
  EXPECT_LE(writes[0].at, writes[1].at);
}

TEST_F(ApiServerTest, APartitionIsOfThoseItIsAbout) {
  const std::uint16_t other = server_.open_port();
  const http::Headers headers = {{"Authorization", "Bearer token-1"}};
  EXPECT_EQ(status_of(ask(http::Method::kGet, kLease)), 404);
  server_.cut_off(Cut::kRequestsLost, {.port = server_.port()});
  EXPECT_EQ(ask(http::Method::kGet, kLease, "", headers, kImpatience).error().code, ErrorCode::kTimeout);
  EXPECT_EQ(status_of(ask(http::Method::kGet, kLease, "", headers, kPatience, other)), 404);
  server_.restore({.port = server_.port()});
  EXPECT_EQ(status_of(ask(http::Method::kGet, kLease)), 404);
  server_.cut_off(Cut::kRequestsLost, {.token = "token-1"});
  EXPECT_EQ(ask(http::Method::kGet, kLease, "", headers, kImpatience, other).error().code, ErrorCode::kTimeout);
  EXPECT_EQ(status_of(ask(http::Method::kGet, kLease, "", {{"Authorization", "Bearer wrong"}})), 401);
}

TEST_F(ApiServerTest, LostRequestsHaveNoEffectAndLostAnswersHideOne) {
  const http::Headers headers = {{"Authorization", "Bearer token-1"}};
  server_.cut_off(Cut::kRequestsLost);
  EXPECT_FALSE(ask(http::Method::kPost, kLeases, lease_body("a"), headers, kImpatience));
  server_.restore();
  EXPECT_EQ(status_of(ask(http::Method::kGet, kLease)), 404);
  EXPECT_FALSE(server_.lease());
  server_.cut_off(Cut::kAnswersLost);
  EXPECT_TRUE(post_in_vain([&] { return server_.lease().has_value(); }));
  server_.restore();
  EXPECT_EQ(status_of(ask(http::Method::kGet, kLease)), 200);
}

TEST_F(ApiServerTest, LateRequestsTakeEffectInTheEnd) {
  server_.cut_off(Cut::kRequestsLate);
  EXPECT_TRUE(post_in_vain([&] { return server_.kept_back() == 1; }));
  EXPECT_FALSE(server_.lease());
  server_.restore();
  EXPECT_TRUE(net::testing::wait_for(std::chrono::seconds{10}, [&] { return server_.lease().has_value(); }));
}

TEST_F(ApiServerTest, FaultsAreUsedUpAndSomeTakeEffect) {
  server_.fail_next(resetting_before());
  EXPECT_FALSE(ask(http::Method::kPost, kLeases, lease_body("a")));
  EXPECT_FALSE(server_.lease());
  server_.fail_next(answering(500, "InternalError", "etcd"), 2);
  EXPECT_EQ(status_of(ask(http::Method::kPost, kLeases, lease_body("a"))), 500);
  EXPECT_EQ(status_of(ask(http::Method::kPost, kLeases, lease_body("a"))), 500);
  EXPECT_FALSE(server_.lease());
  server_.fail_next(resetting_before(), kEveryAttempt);
  EXPECT_FALSE(ask(http::Method::kPost, kLeases, lease_body("a")));
  EXPECT_FALSE(server_.lease());
  server_.heal();
  server_.fail_next(resetting_after());
  EXPECT_FALSE(ask(http::Method::kPost, kLeases, lease_body("a")));
  EXPECT_TRUE(server_.lease());
  EXPECT_EQ(status_of(ask(http::Method::kGet, kLease)), 200);
}

TEST_F(ApiServerTest, SlownessIsBeforeOrAfterTheEffect) {
  const http::Headers headers = {{"Authorization", "Bearer token-1"}};
  server_.slow_down(std::chrono::hours{1}, {});
  EXPECT_FALSE(ask(http::Method::kPost, kLeases, lease_body("a"), headers, kImpatience));
  EXPECT_FALSE(server_.lease());
  server_.slow_down({}, std::chrono::hours{1});
  EXPECT_TRUE(post_in_vain([&] { return server_.lease().has_value(); }));
  server_.heal();
  EXPECT_EQ(status_of(ask(http::Method::kGet, kLease)), 200);
}

}  // namespace
}  // namespace ghstats::kube::testing
