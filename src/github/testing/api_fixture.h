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

// An Api of organisation 'acme' on a scripted network, with waits that are recorded instead of waited for: those
// between attempts in `waits`, those at the gate in `waited_at_gate`. The clock moves by each wait. Backoff: 2 s, 4 s,
// ... without jitter, five attempts.
class ApiFixture {
 public:
  explicit ApiFixture(std::string base_url = std::string(kBase), std::string org = "acme")
      : tokens({Token{std::string(kFirstToken), clock.now() - std::chrono::minutes{10}, {}},
                Token{std::string(kSecondToken), clock.now() - std::chrono::minutes{10}, {}}}),
        transport(*Transport::make(client, clock, options(std::move(base_url), std::move(org)))),
        gate(io.get_executor(), clock, {{}, pauser()}, log::testing::make_logger(lines)),
        api(transport, tokens, gate, cache, retry(), log::testing::make_logger(lines)) {}

  [[nodiscard]] async::RetryEnvironment retry() {
    return {{5, Duration{2000}, Duration{30'000}, false}, sleeper(), [] { return 0.5; }};
  }
  [[nodiscard]] async::Sleeper sleeper() {
    return [this](std::chrono::nanoseconds d) { return record(d); };
  }

  [[nodiscard]] async::Waiter pauser() {
    return [this](async::Watch& changed, std::uint64_t seen, std::optional<std::chrono::nanoseconds> longest) {
      return pause(changed, seen, longest);
    };
  }

  http::testing::FakeClient::Rule& on_get(const std::string& path) {
    return client.on_get(path.starts_with('/') ? std::string(kBase) + path : path);
  }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io, std::move(task));
  }

  // Runs whatever is ready now and waits for nothing.
  void poll() {
    io.restart();
    io.poll();
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
  std::chrono::nanoseconds waited_at_gate{0};
  std::shared_ptr<log::testing::MemorySink> lines = std::make_shared<log::testing::MemorySink>();
  FakeTokenSource tokens;
  Transport transport;
  ConditionalCache cache;
  RateGate gate;
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
  async::Task<Status> pause(async::Watch& changed, std::uint64_t seen,
                            std::optional<std::chrono::nanoseconds> longest) {
    if (!longest) co_return co_await changed.wait_beyond(seen);
    co_await async::yield();  // what others do meanwhile comes first
    const bool stop = co_await async::cancelled();
    if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
    if (changed.version() > seen) co_return Status{};
    waited_at_gate += *longest;
    clock.advance(*longest);
    co_return fail(ErrorCode::kTimeout, "timeout");
  }
};

}  // namespace ghstats::github::testing
