#include "config/resolve.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "config/files.h"
#include "config/parts.h"
#include "config/table.h"

namespace ghstats::config {
namespace {

void keep_content(const KeySpec& spec, const Target& target, std::string content) {
  if (spec.key == "github.orgs[].token_file") {
    target.org->token = Secret(std::move(content));
  } else if (spec.key == "amqp.url_file") {
    target.config.amqp.url = CredentialUrl(std::move(content));
  } else if (spec.key == "store.redis_password_file") {
    target.config.store.redis_password = Secret(std::move(content));
  } else if (spec.key == "store.redis_sentinel_password_file") {
    target.config.store.redis_sentinel_password = Secret(std::move(content));
  } else if (spec.key == "copilot.user_hash_key_file") {
    target.config.copilot.user_hash_key = Secret(std::move(content));
  }
}

void resolve_file(const KeySpec& spec, const Target& target, const std::string& path, const Environment& environment,
                  Findings& findings) {
  const std::string& file = *std::get<std::string*>(spec.slot(target));
  if (file.empty()) return;
  auto content = load_checked_file(spec.format, file, environment);
  if (!content) {
    findings.report(path, content.error().message);
  } else {
    keep_content(spec, target, std::move(*content));
  }
}

void resolve_token_variable(Org& org, const std::string& path, const Environment& environment, Findings& findings) {
  if (org.token_env.empty()) return;
  auto token = environment.variable(org.token_env);
  // The name is not repeated: a token pasted here by mistake would be.
  if (!token) {
    findings.report(path + ".token_env", "the environment variable of this name is not set");
    return;
  }
  if (const auto status = check_token(*token); !status) {
    findings.report(path + ".token_env", "the variable " + status.error().message);
    return;
  }
  org.token = Secret(std::move(*token));
}

}  // namespace

void resolve_files(Config& config, const Environment& environment, Findings& findings) {
  constexpr std::string_view kOrgPrefix = "github.orgs[].";
  for (const KeySpec& spec : table()) {
    if (spec.format < Format::kFile || !is_in_use(spec.key, config, findings)) continue;
    if (!spec.key.starts_with(kOrgPrefix)) {
      resolve_file(spec, {config}, std::string(spec.key), environment, findings);
      continue;
    }
    for (std::size_t i = 0; i < config.github.orgs.size(); ++i) {
      const std::string path = fmt::format("github.orgs[{}].{}", i, name_of(spec.key));
      resolve_file(spec, {config, &config.github.orgs[i]}, path, environment, findings);
    }
  }
  for (std::size_t i = 0; i < config.github.orgs.size(); ++i) {
    resolve_token_variable(config.github.orgs[i], fmt::format("github.orgs[{}]", i), environment, findings);
  }
}

void resolve_defaults(Config& config) {
  Store& store = config.store;
  if (!config.given_keys.contains("store.backend")) {
    const bool has_redis = !store.redis_addr.empty() || !store.redis_sentinel_addrs.empty();
    store.backend = has_redis ? StoreBackend::kRedis : StoreBackend::kMemory;
  }
  if (!config.given_keys.contains("backfill.max_attempts")) config.backfill.max_attempts = config.retry.max_attempts;
  if (!config.copilot.enterprise.enabled) {
    config.copilot.include_enterprise_28d = false;
    config.copilot.include_enterprise_users_28d = false;
  }
  while (config.github.api_base_url.ends_with('/')) config.github.api_base_url.pop_back();
}

}  // namespace ghstats::config
