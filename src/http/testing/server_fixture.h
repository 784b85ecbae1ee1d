// A Server on a free loopback port and a Client, on one io_context, stopped with the test.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "async/testing/run.h"
#include "http/client.h"
#include "http/server.h"
#include "http/testing/raw_peer.h"
#include "log/testing/memory_sink.h"

namespace ghstats::http::testing {

class ServerFixture : public ::testing::Test {
 protected:
  ServerFixture() {
    for (const char* name :
         {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"}) {
      unsetenv(name);
    }
  }

  void TearDown() override {
    if (server_) async::testing::run(io_, server_->stop(Duration::zero()));
    client_.reset();
  }

  void start(Router router, ServerOptions options = {}) {
    if (options.listen_address.empty()) options.listen_address = "127.0.0.1:0";
    auto server =
        Server::listen(io_.get_executor(), std::move(options), std::move(router), log::testing::make_logger(sink_));
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }

  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + path;
  }

  // Made at the first use with `client_options_`.
  Client& client() {
    if (!client_) {
      auto made = make_curl_client(io_.get_executor(), client_options_);
      if (!made) throw std::runtime_error(made.error().message);
      client_ = std::move(*made);
    }
    return *client_;
  }

  Result<Response> send(Request request) { return async::testing::run(io_, client().send(std::move(request))); }
  Result<Response> get(std::string target_url) {
    Request request;
    request.url = std::move(target_url);
    return send(std::move(request));
  }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }

  boost::asio::io_context io_;
  std::shared_ptr<log::testing::MemorySink> sink_ = std::make_shared<log::testing::MemorySink>();
  ClientOptions client_options_{.user_agent = "ghstats-test", .ca_file = "", .proxy = ""};
  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;
};

}  // namespace ghstats::http::testing
