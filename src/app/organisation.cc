#include "app/organisation.h"

#include <utility>

#include "app/version.h"
#include "github/installation_token.h"
#include "github/personal_token.h"

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
  settings.filter = {org.repo_allowlist, org.repo_denylist, org.include_forks};
  settings.sweep.events.self_reviews = config.activity.self_reviews;
  settings.sweep.events.include_bots = config.activity.bots == config::BotPolicy::kInclude;
  settings.sweep.windows.linger = std::chrono::ceil<std::chrono::seconds>(config.store.zero_linger);
  settings.concurrency = static_cast<std::size_t>(org.per_org_concurrency);
  return settings;
}

Result<std::unique_ptr<github::TokenSource>> tokens_of(const OrganisationEnvironment& environment,
                                                       github::Transport& transport, const config::Config& config,
                                                       const config::Org& org) {
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
      {std::to_string(org.app_id), installation, *std::move(key), retry_environment(config.retry)});
}

}  // namespace

Organisation::Organisation(github::Transport transport, activity::OrgSettings settings, Duration interval)
    : transport_(std::move(transport)), settings_(std::move(settings)), interval_(interval) {}

Result<std::unique_ptr<Organisation>> Organisation::make(const OrganisationEnvironment& environment,
                                                         const config::Config& config, const config::Org& org) {
  github::TransportOptions options{.base_url = config.github.api_base_url,
                                   .org = org.org,
                                   .version = std::string(version()),
                                   .request_timeout = config.github.request_timeout,
                                   .observer = environment.observer};
  auto transport = github::Transport::make(environment.client, environment.clock, std::move(options));
  if (!transport) return fail(transport.error().with_context("organisation '" + org.org + "'"));
  std::unique_ptr<Organisation> made(
      new Organisation(*std::move(transport), settings_of(config, org), org.scrape_interval));
  auto tokens = tokens_of(environment, made->transport_, config, org);
  if (!tokens) return fail(tokens.error().with_context("organisation '" + org.org + "'"));
  made->tokens_ = *std::move(tokens);
  made->api_ = std::make_unique<github::Api>(made->transport_, *made->tokens_, retry_environment(config.retry),
                                             environment.logger.component("github"));
  return made;
}

activity::PlannedOrg Organisation::planned() {
  return {api_.get(), settings_, interval_};
}

}  // namespace ghstats::app
