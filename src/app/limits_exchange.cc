#include "app/limits_exchange.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "async/deadline.h"
#include "github/conditional/digest.h"

namespace ghstats::app {

using async::Task;
using github::RateLimitFsm;
using github::RateLimitResource;

class LimitsExchange::Shared final : public github::SharedLimits {
 public:
  Shared(LimitsExchange& exchange, std::string credential) : exchange_(exchange), credential_(std::move(credential)) {}

  Task<std::optional<Obstacle>> admit(RateLimitResource resource, std::int64_t points,
                                      github::PointsBucket::Rate rate) override {
    store::Admission admission{
        .bars = {name(RateLimitFsm::Reason::kSecondary, resource), name(RateLimitFsm::Reason::kPrimary, resource)}};
    if (points > 0 && rate.per_point.count() > 0) {
      admission.budget = store::Budget{budget_name(resource), points, rate.capacity, rate.per_point};
    }
    const std::string secondary = admission.bars.front();
    const std::string primary = admission.bars.back();
    const auto bar = co_await exchange_.ask(std::move(admission));
    if (!bar) co_return std::nullopt;
    const auto reason = bar->name == secondary ? RateLimitFsm::Reason::kSecondary
                        : bar->name == primary ? RateLimitFsm::Reason::kPrimary
                                               : RateLimitFsm::Reason::kPoints;
    co_return Obstacle{reason, bar->left};
  }

  void met(RateLimitFsm::Reason reason, RateLimitResource resource, std::chrono::nanoseconds left) override {
    exchange_.tell({name(reason, resource), left, "GitHub's rate limit"});
  }

 private:
  [[nodiscard]] std::string name(RateLimitFsm::Reason reason, RateLimitResource resource) const {
    const bool of_all = reason == RateLimitFsm::Reason::kSecondary;
    return fmt::format("limit/{}/{}", credential_, of_all ? "secondary" : to_string(resource));
  }
  // Searches are REST, too (github-api.md 2.2).
  [[nodiscard]] std::string budget_name(RateLimitResource resource) const {
    return fmt::format("points/{}/{}", credential_, resource == RateLimitResource::kGraphql ? "graphql" : "rest");
  }

  LimitsExchange& exchange_;
  const std::string credential_;
};

LimitsExchange::LimitsExchange(boost::asio::any_io_executor executor, store::MetricStore& store, const Clock& clock,
                               log::Logger logger)
    : store_(store), clock_(clock), logger_(std::move(logger)), changed_(std::move(executor)) {}

std::unique_ptr<github::SharedLimits> LimitsExchange::of(const std::string& credential) {
  constexpr std::size_t kDigits = 16;
  return std::make_unique<Shared>(*this, github::to_hex(github::sha256({credential})).substr(0, kDigits));
}

Task<std::optional<store::Notice>> LimitsExchange::ask(store::Admission admission) {
  if (clock_.steady_now() < silent_until_) co_return std::nullopt;
  const std::function<Task<Result<std::optional<store::Notice>>>()> asking = [&] { return store_.admit(admission); };
  auto answer = co_await async::with_deadline<std::optional<store::Notice>>(asking, kPatience);
  if (answer) co_return *std::move(answer);
  if (answer.error().code == ErrorCode::kTimeout) silent_until_ = clock_.steady_now() + kSilence;
  logger_.debug("GitHub is asked without knowing what other replicas know", {{"error", answer.error().message}});
  co_return std::nullopt;
}

void LimitsExchange::tell(store::Notice notice) {
  untold_.insert_or_assign(std::move(notice.name), Untold{clock_.steady_now() + notice.left, std::move(notice.text)});
  changed_.bump();
}

Task<> LimitsExchange::run() {
  for (;;) {
    const std::uint64_t seen = changed_.version();
    while (!untold_.empty()) {
      auto next = untold_.extract(untold_.begin());
      const auto left = next.mapped().ends - clock_.steady_now();
      if (left.count() <= 0) continue;
      const Status told = co_await store_.announce({std::move(next.key()), left, std::move(next.mapped().text)});
      if (!told) logger_.debug("other replicas were not told of a limit", {{"error", told.error().message}});
    }
    const Status waited = co_await changed_.wait_beyond(seen);
    if (!waited) co_return;
  }
}

}  // namespace ghstats::app
