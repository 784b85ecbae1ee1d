#include "app/shared_store.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "app/version.h"
#include "app/whole_seconds.h"
#include "http/message.h"
#include "net/endpoint.h"
#include "net/tls_context.h"
#include "redis/sentinel_resolver.h"
#include "store/memory_store.h"
#include "store/redis/redis_store.h"
#include "store/redis/rights.h"
#include "store/redis/skipped_news.h"

namespace ghstats::app {
namespace {

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
  options.prefix = store::redis_prefix(store.redis_key_prefix);
  return options;
}

Result<net::Endpoint> address(const std::string& text, const std::string& key) {
  auto endpoint = net::parse_endpoint(text);
  if (!endpoint) return fail(endpoint.error().with_context(key));
  return endpoint;
}

// For those who look closely: what it means for the store is told by store::StoreNews.
std::function<void(const redis::LinkState&)> tell_of_connections(log::Logger logger) {
  return [logger = std::move(logger)](const redis::LinkState& state) {
    if (state.connected) {
      logger.debug("connected to Redis", {{"server", net::to_string(state.server)}});
    } else {
      logger.debug("not connected to Redis", {{"error", state.error.message}});
    }
  };
}

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

std::string environment_of(const config::Github& github) {
  std::vector<std::string_view> names;
  for (const config::Org& org : github.orgs) names.emplace_back(org.org);
  std::ranges::sort(names);
  const auto origin = http::origin_of(github.api_base_url);
  return fmt::format("{}: {}", origin ? origin->host : github.api_base_url, fmt::join(names, ", "));
}

Result<std::unique_ptr<SharedStore>> SharedStore::make(
    boost::asio::any_io_executor executor, const Clock& clock, const config::Config& config, std::string replica,
    metrics::Recorder& recorder, log::Logger logger,
    std::function<void(TimePoint, SteadyPoint, SteadyPoint)> on_redis_time, std::function<void()> on_joined) {
  const config::Store& store = config.store;
  std::unique_ptr<SharedStore> out(new SharedStore);
  out->memory_ = store::make_memory_store(executor, clock, memory_options(store));
  if (store.backend == config::StoreBackend::kMemory) return out;
  auto access = redis_access(store, replica);
  if (!access) return fail(access.error());
  redis::ClientOptions options = access->options;
  out->waiting_ = std::make_unique<redis::Client>(executor, options, access->make_resolver());
  options.on_state = tell_of_connections(logger);
  options.on_connect = store::require_rights({.prefix = store::redis_prefix(store.redis_key_prefix)});
  out->client_ = std::make_unique<redis::Client>(executor, std::move(options), access->make_resolver());
  store::RedisStoreOptions series = redis_options(store, replica);
  series.environment = environment_of(config.github);
  const auto news = std::make_shared<store::SkippedNews>(logger, recorder, std::move(replica));
  series.on_skipped = [news](const store::SkippedItem& item) { news->skipped(item); };
  series.on_server_time = std::move(on_redis_time);
  out->redis_ = store::make_redis_store(clock, *out->client_, out->waiting_.get(), std::move(series));
  store::JoiningOptions joining{.on_fallback =
                                    [logger](const Error& why) {
                                      logger.warn("Redis cannot be used: series live in memory until it can",
                                                  {{"error", why.message}});
                                    },
                                .on_joined =
                                    [logger, on_joined = std::move(on_joined)] {
                                      logger.info("the shared store was joined");
                                      on_joined();
                                    }};
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
