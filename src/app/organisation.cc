#include "app/organisation.h"

#include <algorithm>
#include <utility>

#include "activity/sweep_strategy.h"
#include "app/version.h"
#include "app/whole_seconds.h"
#include "github/conditional/digest.h"
#include "github/credentials/installation_token.h"
#include "github/credentials/personal_token.h"
#include "github/rest/get_meta.h"

namespace ghstats::app {
namespace {

async::RetryEnvironment retry_environment(const config::Retry& retry) {
  return {{.max_attempts = static_cast<int>(retry.max_attempts),
           .initial_backoff = retry.initial_backoff,
           .max_backoff = retry.max_backoff,
           .jitter = retry.jitter},
          async::sleep_for,
          async::make_random()};
}

activity::OrgSettings settings_of(const config::Config& config, const config::Org& org) {
  activity::OrgSettings settings;
  settings.org = org.org;
  settings.sweep.events.self_reviews = config.activity.self_reviews;
  settings.sweep.events.include_bots = config.activity.bots == config::BotPolicy::kInclude;
  settings.sweep.families = kinds::families_of(config.activity.families);
  settings.sweep.windows.linger = whole_seconds(config.store.zero_linger);
  settings.concurrency = static_cast<std::size_t>(org.per_org_concurrency);
  return settings;
}

activity::LocSettings loc_settings_of(const config::Config& config, const config::Org& org) {
  const config::Loc& loc = config.loc;
  activity::LocSettings settings;
  settings.source = loc.source;
  settings.refresh_interval = loc.refresh_interval;
  settings.fallback_enabled = loc.fallback_enabled;
  settings.fallback_max_commits_per_repo_per_week = loc.fallback_max_commits_per_repo_per_week;
  settings.fallback_max_commit_detail_calls_per_org_per_hour = loc.fallback_max_commit_detail_calls_per_org_per_hour;
  settings.large_repo_zero_detection_windows = loc.large_repo_zero_detection_windows;
  settings.large_repo_cooldown = loc.large_repo_cooldown;
  settings.include_bots = config.activity.bots == config::BotPolicy::kInclude;
  settings.zero_linger = config.store.zero_linger;
  // Half of what a cycle may have under way, so that both together do not double it.
  settings.concurrency = static_cast<std::size_t>(std::max<std::int64_t>(1, org.per_org_concurrency / 2));
  return settings;
}

github::RateGateOptions gate_options(const config::RateLimit& limits) {
  github::RateGateOptions options;
  options.limits.min_remaining_threshold = limits.min_remaining_threshold;
  options.limits.min_reset_buffer = limits.min_reset_buffer;
  options.limits.secondary_limit_backoff = limits.secondary_limit_backoff;
  return options;
}

// Tells credentials apart without being one.
std::string credential_of(const config::Org& org) {
  if (!org.uses_app()) return "token " + github::to_hex(github::sha256({org.token.reveal()}));
  const std::string installation = org.installation_id != 0 ? std::to_string(org.installation_id) : org.org;
  return "app " + std::to_string(org.app_id) + " installation " + installation;
}

github::RateGate& gate_of(const OrganisationEnvironment& environment, const config::Config& config,
                          const config::Org& org) {
  const std::string credential = credential_of(org);
  auto& gate = environment.gates[credential];
  if (!gate) {
    github::RateGateOptions options = gate_options(config.rate_limit);
    if (environment.limits != nullptr) options.shared = environment.limits->of(credential);
    gate = std::make_unique<github::RateGate>(environment.executor, environment.clock, std::move(options),
                                              environment.logger.component("github"));
  }
  return *gate;
}

Result<std::unique_ptr<github::TokenSource>> tokens_of(const OrganisationEnvironment& environment,
                                                       github::Transport& transport, github::RateGate& gate,
                                                       const config::Config& config, const config::Org& org) {
  if (!org.uses_app()) {
    if (!org.token_file.empty()) return github::make_personal_token({org.token_file, "", ""});
    if (!org.token_env.empty()) return github::make_personal_token({"", org.token_env, ""});
    return github::make_personal_token({"", "", org.token.reveal()});
  }
  auto key = github::AppKey::load(org.private_key_path);
  if (!key) return fail(std::move(key).error());
  std::optional<std::uint64_t> installation;
  if (org.installation_id != 0) installation = static_cast<std::uint64_t>(org.installation_id);
  return github::make_installation_token(
      environment.executor, transport,
      {std::to_string(org.app_id), installation, *std::move(key), retry_environment(config.retry), &gate,
       environment.logger.component("github")});
}

}  // namespace

Organisation::Organisation(github::Transport transport, github::RateGate& gate, activity::OrgSettings settings,
                           activity::LocSettings loc, Duration interval)
    : transport_(std::move(transport)), gate_(gate), settings_(std::move(settings)), loc_(loc), interval_(interval) {}

Result<std::unique_ptr<Organisation>> Organisation::make(const OrganisationEnvironment& environment,
                                                         const config::Config& config, const config::Org& org) {
  github::TransportOptions options{.base_url = config.github.api_base_url,
                                   .org = org.org,
                                   .version = std::string(version()),
                                   .request_timeout = config.github.request_timeout,
                                   .observer = environment.observer,
                                   .host_clock = environment.github_clock};
  auto transport = github::Transport::make(environment.client, environment.clock, std::move(options));
  if (!transport) return fail(transport.error().with_context("organisation '" + org.org + "'"));
  github::RateGate& gate = gate_of(environment, config, org);
  std::unique_ptr<Organisation> made(new Organisation(*std::move(transport), gate, settings_of(config, org),
                                                      loc_settings_of(config, org), org.scrape_interval));
  auto tokens = tokens_of(environment, made->transport_, gate, config, org);
  if (!tokens) return fail(tokens.error().with_context("organisation '" + org.org + "'"));
  made->tokens_ = *std::move(tokens);
  made->api_ = std::make_unique<github::Api>(made->transport_, *made->tokens_, gate, environment.answers,
                                             retry_environment(config.retry), environment.logger.component("github"));
  made->inventory_ = std::make_unique<activity::Inventory>(
      environment.executor, *made->api_,
      activity::RepoFilter{org.repo_allowlist, org.repo_denylist, org.include_forks});
  return made;
}

activity::PlannedOrg Organisation::planned(store::MetricStore& store, store::Authority authority) {
  return {.org = name(),
          .strategy = activity::make_sweep_strategy({*inventory_, store, authority}, settings_),
          .inventory = inventory_.get(),
          .windows = settings_.sweep.windows,
          .families = settings_.sweep.families,
          .loc = loc_,
          .interval = interval_};
}

std::optional<std::chrono::nanoseconds> Organisation::limit() const {
  const auto wait = gate_.limit();
  if (!wait) return std::nullopt;
  return std::max<std::chrono::nanoseconds>(wait->ask_again_in, wait->until - transport_.clock().now());
}

async::Task<github::Reachability> Organisation::probe() {
  const auto probe = co_await github::get_meta(*api_);
  co_return probe ? probe->reachability : github::Reachability::kNotAsked;
}

}  // namespace ghstats::app
