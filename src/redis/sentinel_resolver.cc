#include "redis/sentinel_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "async/task_group.h"
#include "async/watch.h"

namespace ghstats::redis {
namespace asio = boost::asio;

// What has been heard so far.
struct SentinelResolver::Inquiry {
  Inquiry(const asio::any_io_executor& executor, std::size_t how_many, std::int64_t known)
      : progress(executor), configured(how_many), known_epoch(known) {}

  // Right after a failover most of them may be behind: those do not end the wait for the others.
  [[nodiscard]] bool settled() const {
    const auto current = std::ranges::count_if(answers, [this](const auto& a) { return a.epoch >= known_epoch; });
    return static_cast<std::size_t>(current) * 2 > configured || answers.size() + errors.size() == configured;
  }

  async::Watch progress;
  std::size_t configured;
  std::int64_t known_epoch;
  std::vector<SentinelAnswer> answers = {};
  std::vector<Error> errors = {};
};

async::Task<Result<net::Endpoint>> SentinelResolver::resolve(std::chrono::nanoseconds timeout) {
  const auto executor = co_await asio::this_coro::executor;
  const auto limit = std::min(timeout, options_.ask_timeout);
  Inquiry inquiry(executor, options_.sentinels.size(), known_epoch_);
  async::TaskGroup asking(executor);
  for (const net::Endpoint& sentinel : options_.sentinels) {
    asking.spawn([this, sentinel, limit, &inquiry] { return ask(sentinel, limit, inquiry); });
  }
  while (!inquiry.settled()) {
    // No deadline here: every question has one.
    const auto heard = co_await inquiry.progress.wait_beyond(inquiry.progress.version());
    if (!heard) break;
  }
  asking.cancel();
  co_await asking.join();

  const bool stopped = co_await async::cancelled();
  if (stopped) co_return fail(ErrorCode::kCancelled, "cancelled");
  if (inquiry.answers.empty()) co_return fail(no_sentinel_answered(inquiry.errors));
  auto chosen = choose_master(inquiry.answers, inquiry.configured, known_epoch_);
  if (!chosen) co_return std::unexpected(chosen.error());
  known_epoch_ = chosen->epoch;
  co_return std::move(chosen->master);
}

async::Task<> SentinelResolver::ask(net::Endpoint sentinel, std::chrono::nanoseconds timeout, Inquiry& inquiry) const {
  auto answer = co_await question(sentinel, timeout);
  if (answer) {
    inquiry.answers.push_back(std::move(*answer));
  } else if (answer.error().code != ErrorCode::kCancelled) {
    inquiry.errors.push_back(std::move(answer.error()));
  }
  inquiry.progress.bump();
}

async::Task<Result<SentinelAnswer>> SentinelResolver::question(net::Endpoint sentinel,
                                                               std::chrono::nanoseconds timeout) const {
  const auto end = std::chrono::steady_clock::now() + timeout;
  ConnectionOptions options;
  options.introduction.credentials = options_.credentials;
  options.tls = options_.tls;
  auto connection = co_await Connection::open(sentinel, std::move(options), timeout);
  if (!connection) co_return fail(connection.error().with_context("Sentinel"));
  const auto replies =
      co_await (*connection)->execute(sentinel_questions(options_.master_set), end - std::chrono::steady_clock::now());
  co_await (*connection)->close();
  if (!replies) co_return fail(replies.error().with_context("Sentinel"));
  auto answer = read_sentinel_answer(options_.master_set, *replies);
  if (!answer) co_return fail(answer.error().with_context("Sentinel " + to_string(sentinel)));
  co_return answer;
}

async::Task<Status> SentinelResolver::verify(Connection& connection, std::chrono::nanoseconds timeout) {
  const auto reply = co_await connection.execute(Command("ROLE"), timeout);
  if (!reply) co_return std::unexpected(reply.error());
  const auto* fields = reply->array();
  const std::string* role = fields != nullptr && !fields->empty() ? fields->front().string() : nullptr;
  if (role == nullptr) co_return fail(ErrorCode::kInvalidData, "ROLE: the server did not tell its role");
  if (*role == "master") co_return Status{};
  co_return fail(ErrorCode::kUnavailable, fmt::format("{} is named as the master of '{}' but says it is a {}",
                                                      to_string(connection.endpoint()), options_.master_set, *role));
}

}  // namespace ghstats::redis
