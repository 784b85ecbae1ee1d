#include "app/shared_store.h"

#include <optional>
#include <string>
#include <utility>

#include "app/version.h"
#include "app/whole_seconds.h"
#include "net/endpoint.h"
#include "net/tls_context.h"
#include "redis/sentinel_resolver.h"
#include "store/memory_store.h"
#include "store/redis_store.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;

store::MemoryStoreOptions memory_options(const config::Store& store) {
  return {.zero_linger = whole_seconds(store.zero_linger),
          .retention = whole_seconds(store.retention),
          .max_series_budget = static_cast<std::size_t>(store.max_series_budget)};
}

store::RedisStoreOptions redis_options(const config::Store& store, std::string replica) {
  store::RedisStoreOptions options;
  options.zero_linger = whole_seconds(store.zero_linger);
  options.retention = whole_seconds(store.retention);
  options.max_series_budget = static_cast<std::size_t>(store.max_series_budget);
  options.instance = std::move(replica);
  return options;
}

Result<net::Endpoint> address(const std::string& text, const std::string& key) {
  auto endpoint = net::parse_endpoint(text);
  if (!endpoint) return fail(endpoint.error().with_context(key));
  return endpoint;
}

// Once until the next change, and not before the first success: the fallback tells of that. A server that is lost for
// the same reason as soon as it is back (it answers, and takes no writes) is told once, until it stays.
class LinkNews {
 public:
  LinkNews(const Clock& clock, log::Logger logger) : clock_(clock), logger_(std::move(logger)) {}

  void operator()(const redis::LinkState& state) {
    if (state.connected) {
      connected_at_ = clock_.steady_now();
      if (lost_) logger_.write(level(), "Redis is back", {{"server", net::to_string(state.server)}});
      return;
    }
    if (!connected_at_) return;
    const bool stayed = clock_.steady_now() - *std::exchange(connected_at_, std::nullopt) >= kSettled;
    again_ = lost_ && !stayed && last_reason_ == state.error.message;
    logger_.write(again_ ? log::Level::kDebug : log::Level::kWarn, "Redis is lost", {{"error", state.error.message}});
    last_reason_ = state.error.message;
    lost_ = true;
  }

 private:
  static constexpr auto kSettled = 10s;
  [[nodiscard]] log::Level level() const { return again_ ? log::Level::kDebug : log::Level::kInfo; }

  const Clock& clock_;
  log::Logger logger_;
  std::optional<SteadyPoint> connected_at_;  // while it is
  std::string last_reason_;
  bool lost_ = false;   // ever
  bool again_ = false;  // the last loss was no news
};

}  // namespace

Result<RedisAccess> redis_access(const config::Store& store, const std::string& replica) {
  RedisAccess access;
  auto& connection = access.options.connection;
  connection.introduction = {
      .credentials = {.username = store.redis_username, .password = std::string(store.redis_password.reveal())},
      .db = static_cast<int>(store.redis_db),
      .client_name = std::string(kProgramName) + "@" + replica};
  if (store.redis_tls) {
    auto tls = net::TlsContext::make(store.redis_ca_file);
    if (!tls) return fail(tls.error().with_context("store.redis_ca_file"));
    connection.tls = *std::move(tls);
  }
  if (store.redis_mode == config::RedisMode::kStandalone) {
    auto server = address(store.redis_addr, "store.redis_addr");
    if (!server) return fail(server.error());
    access.make_resolver = [server = *server] { return std::make_unique<redis::StandaloneResolver>(server); };
    return access;
  }
  redis::SentinelOptions sentinel{.master_set = store.redis_master_set,
                                  .credentials = {.password = std::string(store.redis_sentinel_password.reveal())},
                                  .tls = connection.tls};
  for (const std::string& text : store.redis_sentinel_addrs) {
    auto endpoint = address(text, "store.redis_sentinel_addrs");
    if (!endpoint) return fail(endpoint.error());
    sentinel.sentinels.push_back(*std::move(endpoint));
  }
  access.make_resolver = [sentinel] { return std::make_unique<redis::SentinelResolver>(sentinel); };
  return access;
}

Result<std::unique_ptr<SharedStore>> SharedStore::make(boost::asio::any_io_executor executor, const Clock& clock,
                                                       const config::Store& store, std::string replica,
                                                       log::Logger logger) {
  std::unique_ptr<SharedStore> out(new SharedStore);
  out->memory_ = store::make_memory_store(executor, clock, memory_options(store));
  if (store.backend == config::StoreBackend::kMemory) return out;
  auto access = redis_access(store, replica);
  if (!access) return fail(access.error());
  redis::ClientOptions options = access->options;
  out->waiting_ = std::make_unique<redis::Client>(executor, options, access->make_resolver());
  options.on_state = LinkNews(clock, logger);
  out->client_ = std::make_unique<redis::Client>(executor, std::move(options), access->make_resolver());
  out->redis_ =
      store::make_redis_store(clock, *out->client_, out->waiting_.get(), redis_options(store, std::move(replica)));
  store::JoiningOptions joining{.on_fallback =
                                    [logger](const Error& why) {
                                      logger.warn("Redis cannot be used: series live in memory until it can",
                                                  {{"error", why.message}});
                                    },
                                .on_joined = [logger] { logger.info("the shared store was joined"); }};
  out->joining_ = store::make_joining_store(executor, clock, *out->redis_, *out->memory_, std::move(joining));
  return out;
}

async::Task<> SharedStore::run() {
  if (joining_) co_await joining_->run();
}

async::Task<> SharedStore::stop() {
  if (waiting_) co_await waiting_->stop();
  if (client_) co_await client_->stop();
}

}  // namespace ghstats::app
