#include <curl/curl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "http/client.h"
#include "http/testing/server_fixture.h"
#include "http/testing/tls_server.h"
#include "http/trusted_certificates.h"

namespace ghstats::http {
namespace {

using testing::answering;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawPeer;
using testing::RawServer;
using ::testing::StartsWith;
using testing::TemporaryFile;
using testing::TlsServer;

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const std::string kToken = "Bearer ghs_very_secret";

std::string redirect_to(int status, const std::string& location) {
  return "HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + location + "\r\nContent-Length: 3\r\n\r\nmvd";
}

class HttpClientSecurity : public testing::ServerFixture {
 protected:
  // Redirects /from/STATUS to `target_` and answers everything else with method, Authorization and body.
  void start_redirector() {
    Router router;
    router.set_fallback([this](ServerRequest request) -> async::Task<ServerResponse> {
      if (request.path.starts_with("/from/")) {
        auto response = text_response(std::stoi(request.path.substr(6)), "text/plain", "moved");
        response.headers.add("Location", target_);
        co_return response;
      }
      const auto token = request.headers.get("Authorization");
      const auto type = request.headers.get("Content-Type");
      co_return text_response(200, "text/plain",
                              request.method + " " + request.target + " auth=" + std::string(token.value_or("-")) +
                                  " type=" + std::string(type.value_or("-")) + " body=" + request.body);
    });
    start(std::move(router));
  }

  Request with_token(const std::string& target_url, Method method = Method::kGet) {
    Request request;
    request.method = method;
    request.url = target_url;
    request.max_redirects = 3;
    request.redirects_stay_on_origin = false;
    request.credentials = BoundHeaders{*origin_of(target_url), {{"Authorization", kToken}}};
    return request;
  }

  std::string target_;
};

TEST_F(HttpClientSecurity, ARedirectIsAnAnswerUnlessFollowingIsAskedFor) {
  target_ = "/there";
  start_redirector();
  const auto response = get(url("/from/301"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 301);
  EXPECT_EQ(response->headers.get("Location"), "/there");
}

TEST_F(HttpClientSecurity, FollowsOnTheSameOriginWithTheToken) {
  target_ = "/there?x=1";
  start_redirector();
  auto request = with_token(url("/from/301"));
  request.redirects_stay_on_origin = true;
  const auto response = send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "GET /there?x=1 auth=" + kToken + " type=- body=");
  EXPECT_EQ(response->url, url("/there?x=1"));
}

TEST_F(HttpClientSecurity, TheTokenNeverReachesAnotherOrigin) {
  RawServer stranger(io_, answering(std::string(kOk)));
  start_redirector();
  for (const int status : {301, 302, 303, 307, 308}) {
    for (const std::string host : {"127.0.0.1", "localhost"}) {
      target_ = "http://" + host + ":" + std::to_string(stranger.port()) + "/take?it";
      for (const Method method : {Method::kGet, Method::kPost}) {
        const auto before = stranger.heads().size();
        const auto response = send(with_token(url("/from/" + std::to_string(status)), method));
        ASSERT_TRUE(response) << response.error().message;
        EXPECT_EQ(response->body, "ok");
        ASSERT_GT(stranger.heads().size(), before);
      }
    }
  }
  for (const auto& head : stranger.heads()) {
    EXPECT_THAT(head, Not(HasSubstr("Authorization")));
    EXPECT_THAT(head, Not(HasSubstr("secret")));
  }
}

TEST_F(HttpClientSecurity, TheTokenComesBackOnlyAtItsOwnOrigin) {
  // own -> stranger -> own: the middle hop does not see it, the last one does.
  start_redirector();
  RawServer stranger(io_, answering(redirect_to(302, url("/home"))));
  target_ = stranger.url("/away");
  const auto response = send(with_token(url("/from/302")));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_THAT(response->body, HasSubstr("auth=" + kToken));
  ASSERT_EQ(stranger.heads().size(), 1U);
  EXPECT_THAT(stranger.heads()[0], Not(HasSubstr("secret")));
}

TEST_F(HttpClientSecurity, ATokenBoundToAnotherOriginIsNotSentAtAll) {
  start_redirector();
  auto request = with_token(url("/plain"));
  request.credentials->origin.port ^= 1U;
  const auto response = send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_THAT(response->body, HasSubstr("auth=- "));
}

TEST_F(HttpClientSecurity, StayingOnTheOriginRefusesToLeaveIt) {
  RawServer stranger(io_, answering(std::string(kOk)));
  target_ = stranger.url("/x?sig=abc");
  start_redirector();
  auto request = with_token(url("/from/302"));
  request.redirects_stay_on_origin = true;
  const auto response = send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kInvalidData);
  EXPECT_THAT(response.error().message, Not(HasSubstr("sig")));
  EXPECT_EQ(stranger.connections(), 0);
}

TEST_F(HttpClientSecurity, RefusesOtherSchemesAndBrokenLocations) {
  start_redirector();
  for (const char* target : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://u:p@127.0.0.1/",
                             "http://a b/", "javascript:alert(1)"}) {
    target_ = target;
    const auto response = send(with_token(url("/from/302")));
    ASSERT_FALSE(response) << target;
    EXPECT_EQ(response.error().code, ErrorCode::kInvalidData) << target;
  }
}

TEST_F(HttpClientSecurity, EndsRedirectLoops) {
  target_ = "/from/302";
  start_redirector();
  const auto response = send(with_token(url("/from/302")));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kInvalidData);
}

TEST_F(HttpClientSecurity, KeepsOrDropsMethodAndBodyAsHttpSays) {
  target_ = "/to";
  start_redirector();
  const std::string token = " auth=" + kToken;
  for (const auto& [status, expected] : {std::pair{301, "GET /to" + token + " type=- body="},
                                         {302, "GET /to" + token + " type=- body="},
                                         {303, "GET /to" + token + " type=- body="},
                                         {307, "POST /to" + token + " type=text/x body=data"},
                                         {308, "POST /to" + token + " type=text/x body=data"}}) {
    auto request = with_token(url("/from/" + std::to_string(status)), Method::kPost);
    request.body = "data";
    request.headers = {{"Content-Type", "text/x"}};
    const auto response = send(request);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, expected) << status;
  }
}

class HttpClientTls : public HttpClientSecurity {
 protected:
  const testing::TestCertificates certificates_ = testing::make_certificates();
  const TemporaryFile ca_file_{certificates_.authority};
};

TEST_F(HttpClientTls, RefusesAnUnknownAuthority) {
  TlsServer server(io_, certificates_, std::string(kOk));
  const auto response = get(server.url("/p?secret"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(response.error().message, HasSubstr("certificate"));
  EXPECT_THAT(response.error().message, Not(HasSubstr("secret")));
  EXPECT_TRUE(server.heads().empty());
}

TEST_F(HttpClientTls, TrustsTheCaFile) {
  client_options_.ca_file = ca_file_.path();
  TlsServer server(io_, certificates_, std::string(kOk));
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    const auto response = get("https://" + host + ":" + std::to_string(server.port()) + "/");
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "ok");
  }
  // The certificate names 127.0.0.1 and localhost, not this.
  EXPECT_FALSE(get("https://127.0.0.2:" + std::to_string(server.port()) + "/"));
}

// Whether the context's store accepts the certificate.
bool trusts(SSL_CTX* context, const std::string& pem) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const std::unique_ptr<X509, void (*)(X509*)> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr),
                                                           X509_free);
  const std::unique_ptr<X509_STORE_CTX, void (*)(X509_STORE_CTX*)> check(X509_STORE_CTX_new(), X509_STORE_CTX_free);
  X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(context), certificate.get(), nullptr);
  return X509_verify_cert(check.get()) == 1;
}

TEST_F(HttpClientTls, AddsTheCaFileToWhatIsTrustedAlready) {
  const auto system = testing::make_certificates("ghstats test system CA");
  const TemporaryFile system_file(system.authority);
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  ASSERT_EQ(SSL_CTX_load_verify_file(context.get(), system_file.path().c_str()), 1);
  ASSERT_TRUE(trusts(context.get(), system.server));
  ASSERT_FALSE(trusts(context.get(), certificates_.server));
  const auto added = TrustedCertificates::load(ca_file_.path());
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_TRUE(added->add_to(context.get()));
  EXPECT_TRUE(added->add_to(context.get()));
  EXPECT_TRUE(trusts(context.get(), system.server));
  EXPECT_TRUE(trusts(context.get(), certificates_.server));
}

// What the client relies on: whether libcurl fills the store before or after the callback, and whether it takes it from
// its cache, both the system's certificates and ours end up in it.
TEST_F(HttpClientTls, LibcurlLoadsTheSystemsStoreBesideTheCaFile) {
  if (!std::filesystem::exists("/etc/ssl/certs/ca-certificates.crt")) GTEST_SKIP() << "no system store";
  struct Seen {
    TrustedCertificates added;
    SSL_CTX* context = nullptr;
  } seen{*TrustedCertificates::load(ca_file_.path())};
  const auto add = +[](CURL*, void* context, void* out) -> CURLcode {
    auto* to = static_cast<Seen*>(out);
    SSL_CTX_free(to->context);
    to->context = static_cast<SSL_CTX*>(context);
    SSL_CTX_up_ref(to->context);
    return to->added.add_to(to->context) ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
  };
  const std::unique_ptr<CURLM, void (*)(CURLM*)> multi(curl_multi_init(), [](CURLM* m) { curl_multi_cleanup(m); });
  TlsServer server(io_, certificates_, std::string(kOk));
  for (int round = 0; round < 2; ++round) {
    const std::unique_ptr<CURL, void (*)(CURL*)> easy(curl_easy_init(), curl_easy_cleanup);
    curl_easy_setopt(easy.get(), CURLOPT_URL, server.url("/").c_str());
    curl_easy_setopt(easy.get(), CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_NOBODY, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_SSL_CTX_FUNCTION, add);
    curl_easy_setopt(easy.get(), CURLOPT_SSL_CTX_DATA, &seen);
    curl_multi_add_handle(multi.get(), easy.get());
    CURLcode result = CURL_LAST;
    for (int turns = 0; result == CURL_LAST && turns < 5000; ++turns) {
      int running = 0;
      curl_multi_perform(multi.get(), &running);
      io_.restart();
      io_.run_for(std::chrono::milliseconds(1));
      int left = 0;
      if (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) result = message->data.result;
    }
    curl_multi_remove_handle(multi.get(), easy.get());
    EXPECT_EQ(result, CURLE_OK) << round;
    ASSERT_NE(seen.context, nullptr);
    EXPECT_TRUE(trusts(seen.context, certificates_.server)) << round;
    EXPECT_GT(sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(seen.context))), 10) << round;
  }
  SSL_CTX_free(seen.context);
}

TEST_F(HttpClientTls, TheTokenNeverCrossesSchemes) {
  client_options_.ca_file = ca_file_.path();
  TlsServer secure(io_, certificates_, std::string(kOk));
  start_redirector();
  target_ = secure.url("/upgraded");
  const auto up = send(with_token(url("/from/301")));
  ASSERT_TRUE(up) << up.error().message;
  ASSERT_EQ(secure.heads().size(), 1U);
  EXPECT_THAT(secure.heads()[0], Not(HasSubstr("Authorization")));

  RawServer plain(io_, answering(std::string(kOk)));
  TlsServer downgrading(io_, certificates_, redirect_to(302, plain.url("/")));
  const auto down = send(with_token(downgrading.url("/")));
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(plain.connections(), 0);
}

TEST(MakeCurlClient, NamesACaFileItCannotUse) {
  boost::asio::io_context io;
  const TemporaryFile empty("no certificate here");
  const TemporaryFile broken("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  for (const std::string& file : {std::string("/nonexistent/ca.pem"), empty.path(), broken.path()}) {
    ClientOptions options{.user_agent = "x", .ca_file = file, .proxy = ""};
    const auto client = make_curl_client(io.get_executor(), options);
    ASSERT_FALSE(client) << file;
    EXPECT_EQ(client.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(client.error().message, HasSubstr(file));
  }
}

class HttpClientProxy : public HttpClientTls {};

TEST_F(HttpClientProxy, SendsPlainRequestsInAbsoluteForm) {
  RawServer proxy(io_, answering(std::string(kOk)));
  client_options_.proxy = proxy.url("");
  const auto response = get("http://api.example.test/path?q");
  ASSERT_TRUE(response) << response.error().message;
  ASSERT_EQ(proxy.heads().size(), 1U);
  EXPECT_THAT(proxy.heads()[0], StartsWith("GET http://api.example.test/path?q HTTP/1.1\r\n"));
}

TEST_F(HttpClientProxy, TunnelsTlsWithoutShowingTheToken) {
  RawServer proxy(io_, [](RawPeer& peer) -> async::Task<> {
    co_await peer.read_head();
    co_await peer.send("HTTP/1.1 403 Forbidden\r\nX-Proxy: 1\r\nContent-Length: 0\r\n\r\n");
  });
  client_options_.proxy = proxy.url("");
  const auto response = send(with_token("https://api.example.test/path?q"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  ASSERT_FALSE(proxy.heads().empty());
  EXPECT_THAT(proxy.heads()[0], StartsWith("CONNECT api.example.test:443 HTTP/1.1\r\n"));
  EXPECT_THAT(proxy.heads()[0], Not(HasSubstr("secret")));
}

TEST_F(HttpClientProxy, TheEnvironmentDecidesWhenNothingIsConfigured) {
  RawServer proxy(io_, answering(std::string(kOk)));
  setenv("http_proxy", proxy.url("").c_str(), 1);
  setenv("no_proxy", "127.0.0.1", 1);
  start_redirector();
  EXPECT_TRUE(get("http://api.example.test/"));
  EXPECT_EQ(proxy.heads().size(), 1U);
  EXPECT_TRUE(get(url("/direct")));
  EXPECT_EQ(proxy.heads().size(), 1U);
  client_.reset();
  client_options_.proxy = proxy.url("");
  EXPECT_TRUE(get(url("/configured")));
  EXPECT_EQ(proxy.heads().size(), 2U);
  unsetenv("no_proxy");
  client_.reset();
  client_options_.proxy = "";
  EXPECT_TRUE(get(url("/proxied")));
  EXPECT_EQ(proxy.heads().size(), 3U);
  client_.reset();
  client_options_.direct = true;
  EXPECT_TRUE(get(url("/direct")));
  EXPECT_EQ(proxy.heads().size(), 3U);
  unsetenv("http_proxy");
}

}  // namespace
}  // namespace ghstats::http
