#include "app/github_door.h"

#include <algorithm>
#include <utility>

#include "app/version.h"
#include "github/conditional/digest.h"
#include "github/credentials/personal_token.h"

namespace ghstats::app {
namespace {

using github::InstallationOwner;

github::RateGateOptions gate_options(const config::RateLimit& limits) {
  github::RateGateOptions options;
  options.limits.min_remaining_threshold = limits.min_remaining_threshold;
  options.limits.min_reset_buffer = limits.min_reset_buffer;
  options.limits.secondary_limit_backoff = limits.secondary_limit_backoff;
  return options;
}

// Tells credentials apart without being one.
std::string credential_of(const config::Org& org, InstallationOwner installed_in) {
  if (!org.uses_app()) return "token " + github::to_hex(github::sha256({org.token.reveal()}));
  const std::string owner = installed_in == InstallationOwner::kEnterprise ? "enterprise " + org.org : org.org;
  const std::string installation = org.installation_id != 0 ? std::to_string(org.installation_id) : owner;
  return "app " + std::to_string(org.app_id) + " installation " + installation;
}

github::RateGate& gate_of(const DoorEnvironment& environment, const config::Config& config,
                          const std::string& credential) {
  auto& gate = environment.gates[credential];
  if (!gate) {
    github::RateGateOptions options = gate_options(config.rate_limit);
    if (environment.limits != nullptr) options.shared = environment.limits->of(credential);
    gate = std::make_unique<github::RateGate>(environment.executor, environment.clock, std::move(options),
                                              environment.logger.component("github"));
  }
  return *gate;
}

Result<std::unique_ptr<github::TokenSource>> tokens_of(const DoorEnvironment& environment, github::Transport& transport,
                                                       github::RateGate& gate, const config::Config& config,
                                                       const config::Org& org, InstallationOwner installed_in) {
  if (!org.uses_app()) {
    if (!org.token_file.empty()) return github::make_personal_token({org.token_file, "", ""});
    if (!org.token_env.empty()) return github::make_personal_token({"", org.token_env, ""});
    return github::make_personal_token({"", "", org.token.reveal()});
  }
  auto key = github::AppKey::load(org.private_key_path);
  if (!key) return fail(std::move(key).error());
  std::optional<std::uint64_t> installation;
  if (org.installation_id != 0) installation = static_cast<std::uint64_t>(org.installation_id);
  return github::make_installation_token(environment.executor, transport,
                                         {.issuer = std::to_string(org.app_id),
                                          .installation_id = installation,
                                          .key = *std::move(key),
                                          .retry = retry_environment(config.retry),
                                          .gate = &gate,
                                          .logger = environment.logger.component("github"),
                                          .installed_in = installed_in});
}

}  // namespace

async::RetryEnvironment retry_environment(const config::Retry& retry) {
  return {{.max_attempts = static_cast<int>(retry.max_attempts),
           .initial_backoff = retry.initial_backoff,
           .max_backoff = retry.max_backoff,
           .jitter = retry.jitter},
          async::sleep_for,
          async::make_random()};
}

Result<std::unique_ptr<GitHubDoor>> GitHubDoor::of_organisation(const DoorEnvironment& environment,
                                                                const config::Config& config, const config::Org& org) {
  auto door = make(environment, config, org, InstallationOwner::kOrganisation);
  if (!door) return fail(door.error().with_context("organisation '" + org.org + "'"));
  return door;
}

Result<std::unique_ptr<GitHubDoor>> GitHubDoor::of_enterprise(const DoorEnvironment& environment,
                                                              const config::Config& config) {
  const config::CopilotEnterprise& enterprise = config.copilot.enterprise;
  config::Org credential;
  credential.org = enterprise.slug;
  credential.app_id = enterprise.app_id;
  credential.installation_id = enterprise.installation_id;
  credential.private_key_path = enterprise.private_key_path;
  auto door = make(environment, config, credential, InstallationOwner::kEnterprise);
  if (!door) return fail(door.error().with_context("enterprise '" + enterprise.slug + "'"));
  return door;
}

Result<std::unique_ptr<GitHubDoor>> GitHubDoor::make(const DoorEnvironment& environment, const config::Config& config,
                                                     const config::Org& credential, InstallationOwner installed_in) {
  github::TransportOptions options{.base_url = config.github.api_base_url,
                                   .org = credential.org,
                                   .version = std::string(version()),
                                   .request_timeout = config.github.request_timeout,
                                   .observer = environment.observer,
                                   .host_clock = environment.github_clock};
  auto transport = github::Transport::make(environment.client, environment.clock, std::move(options));
  if (!transport) return fail(std::move(transport).error());
  github::RateGate& gate = gate_of(environment, config, credential_of(credential, installed_in));
  std::unique_ptr<GitHubDoor> made(new GitHubDoor(*std::move(transport), gate));
  auto tokens = tokens_of(environment, made->transport_, gate, config, credential, installed_in);
  if (!tokens) return fail(std::move(tokens).error());
  made->tokens_ = *std::move(tokens);
  made->api_ = std::make_unique<github::Api>(made->transport_, *made->tokens_, gate, environment.answers,
                                             retry_environment(config.retry), environment.logger.component("github"));
  made->graphql_ =
      std::make_unique<github::GraphqlApi>(made->transport_, *made->tokens_, gate, retry_environment(config.retry));
  return made;
}

std::optional<std::chrono::nanoseconds> GitHubDoor::limit() const {
  const auto wait = gate_.limit();
  if (!wait) return std::nullopt;
  return std::max<std::chrono::nanoseconds>(wait->ask_again_in, wait->until - transport_.clock().now());
}

}  // namespace ghstats::app
