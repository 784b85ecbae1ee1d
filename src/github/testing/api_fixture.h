#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "github/api.h"
#include "github/testing/fake_token_source.h"
#include "http/testing/fake_client.h"
#include "log/testing/memory_sink.h"

namespace ghstats::github::testing {

inline constexpr std::string_view kBase = "https://api.github.com";
inline constexpr std::string_view kFirstToken = "ghs_first_SECRET";
inline constexpr std::string_view kSecondToken = "ghs_second_SECRET";

// An Api of organisation 'acme' on a scripted network, with waits that are recorded instead of waited for. The clock
// moves by each wait. Backoff: 2 s, 4 s, ... without jitter, five attempts.
class ApiFixture {
 public:
  explicit ApiFixture(std::string base_url = std::string(kBase), std::string org = "acme")
      : tokens({Token{std::string(kFirstToken), clock.now() - std::chrono::minutes{10}, {}},
                Token{std::string(kSecondToken), clock.now() - std::chrono::minutes{10}, {}}}),
        transport(*Transport::make(client, clock, options(std::move(base_url), std::move(org)))),
        api(transport, tokens, retry(), log::testing::make_logger(lines)) {}

  [[nodiscard]] async::RetryEnvironment retry() {
    return {{5, Duration{2000}, Duration{30'000}, false}, sleeper(), [] { return 0.5; }};
  }
  [[nodiscard]] async::Sleeper sleeper() {
    return [this](std::chrono::nanoseconds d) { return record(d); };
  }

  http::testing::FakeClient::Rule& on_get(const std::string& path) {
    return client.on_get(path.starts_with('/') ? std::string(kBase) + path : path);
  }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io, std::move(task));
  }

  // What must never be seen outside, in every error given to it and in the log.
  [[nodiscard]] bool leaks(const std::string& text) const {
    if (text.find("SECRET") != std::string::npos || lines->contains("SECRET")) return true;
    return text.find("eyJhbGciOi") != std::string::npos || lines->contains("eyJhbGciOi");
  }

  boost::asio::io_context io;
  ghstats::testing::FakeClock clock;
  http::testing::FakeClient client;
  std::vector<Attempt> attempts;
  std::vector<Duration> waits;
  std::shared_ptr<log::testing::MemorySink> lines = std::make_shared<log::testing::MemorySink>();
  FakeTokenSource tokens;
  Transport transport;
  Api api;

 private:
  TransportOptions options(std::string base_url, std::string org) {
    return {std::move(base_url), std::move(org), "1.2.3", Duration{20'000},
            [this](const Attempt& attempt) { attempts.push_back(attempt); }};
  }
  async::Task<Status> record(std::chrono::nanoseconds d) {
    waits.push_back(std::chrono::duration_cast<Duration>(d));
    clock.advance(d);
    co_return Status{};
  }
};

}  // namespace ghstats::github::testing
