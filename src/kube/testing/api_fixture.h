// A test API server, a service account, and clients as a pod has them.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "async/task_group.h"
#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "kube/api_client.h"
#include "kube/testing/api_server.h"
#include "kube/testing/service_account.h"
#include "net/testing/eventually.h"

namespace ghstats::kube::testing {

inline constexpr std::chrono::seconds kPatience{10};
inline constexpr std::chrono::milliseconds kImpatience{100};  // of calls that need not arrive

class ApiFixture : public ::testing::Test {
 protected:
  // No API server is asked by way of a proxy, so one that does not exist must not matter.
  ApiFixture() {
    for (const char* name : {"http_proxy", "https_proxy", "all_proxy"}) setenv(name, "http://127.0.0.1:1", 1);
    for (const char* name : {"no_proxy", "NO_PROXY"}) unsetenv(name);
  }

  [[nodiscard]] InCluster cluster(std::uint16_t port, const std::string& host = "127.0.0.1") const {
    const std::map<std::string, std::string> set = {{"KUBERNETES_SERVICE_HOST", host},
                                                    {"KUBERNETES_SERVICE_PORT", std::to_string(port)}};
    const auto found = find_in_cluster(
        [&](const std::string& name) {
          const auto at = set.find(name);
          return at == set.end() ? std::nullopt : std::optional(at->second);
        },
        account_.files());
    if (!found) throw std::runtime_error(found.error().message);
    return *found;
  }

  std::unique_ptr<ApiClient> make_client(const InCluster& at) {
    auto made = make_api_client(io_.get_executor(), at, "ghstats-test/1.0", clock_);
    if (!made) throw std::runtime_error(made.error().message);
    return *std::move(made);
  }
  std::unique_ptr<ApiClient> make_client() { return make_client(cluster(server_.port())); }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }

  // Calls, waits until `happened`, and hangs up. False: it did not happen, or the call was answered.
  template <class T>
  bool call_in_vain(std::function<async::Task<Result<T>>()> call, std::function<bool()> happened) {
    return run([](boost::asio::io_context& io, auto what, auto until) -> async::Task<bool> {
      bool in_vain = true;
      async::TaskGroup calls(io.get_executor());
      calls.spawn([&]() -> async::Task<> {
        const auto answer = co_await what();
        in_vain = !answer && answer.error().code == ErrorCode::kCancelled;
      });
      const bool did = co_await net::testing::eventually(until);
      calls.cancel();
      co_await calls.join();
      co_return did&& in_vain;
    }(io_, std::move(call), std::move(happened)));
  }

  boost::asio::io_context io_;
  ApiServer server_;
  ServiceAccountFolder account_{server_.authority(), "token-1"};
  std::shared_ptr<ghstats::testing::FakeClock> clock_ = std::make_shared<ghstats::testing::FakeClock>();
};

}  // namespace ghstats::kube::testing
