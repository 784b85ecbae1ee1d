#include "config/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/binder.h"
#include "config/enum_names.h"
#include "config/files.h"
#include "config/findings.h"
#include "config/formats.h"
#include "config/redis_url.h"
#include "config/resolve.h"
#include "config/table.h"
#include "config/validate.h"
#include "config/values.h"
#include "config/yaml_reader.h"

namespace ghstats::config {
namespace {

constexpr const char* kTokenVariable = "GITHUB_TOKEN";
constexpr const char* kRoleVariable = "GITHUB_STATS_INITIAL_ROLE";

std::unexpected<std::vector<Problem>> whole_file(const std::string& path, std::string message) {
  return std::unexpected(std::vector<Problem>{{path, {1, 1}, "", std::move(message)}});
}

Config bind_and_check(const Node& root, const Environment& environment, Findings& findings) {
  Config config = bind(root, environment, findings);
  resolve_files(config, environment, findings);
  resolve_redis_url(config, findings);
  resolve_defaults(config);
  validate(config, findings);
  return config;
}

Result<Org> org_from_flags(const std::string& name, const std::string& token_file, const Secret& token) {
  if (const auto wrong = check_format(Format::kLogin, name)) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("--org: {} {}", quoted(name), *wrong));
  }
  Org org;
  org.org = name;
  org.token = token;
  (token_file.empty() ? org.token_env : org.token_file) = token_file.empty() ? kTokenVariable : token_file;
  return org;
}

Result<Secret> token_from_flags(const std::string& token_file, const Environment& environment) {
  if (!token_file.empty()) {
    auto token = load_checked_file(Format::kTokenFile, token_file, environment);
    if (!token) return fail(token.error().with_context("--github.token-file"));
    return Secret(std::move(*token));
  }
  auto token = environment.variable(kTokenVariable);
  if (!token) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("no token; required is --github.token-file or the environment variable {}", kTokenVariable));
  }
  if (const auto status = check_token(*token); !status) {
    return fail(status.error().with_context(fmt::format("environment variable {}", kTokenVariable)));
  }
  return Secret(std::move(*token));
}

bool same_org(const Org& a, std::string_view name) {
  return std::ranges::equal(a.org, name, [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
    return lower(x) == lower(y);
  });
}

}  // namespace

std::expected<Config, std::vector<Problem>> load_config(const std::string& path, const Environment& environment) {
  const auto text =
      path == kStandardInput ? environment.read_input(kLargestFile) : environment.read_file(path, kLargestFile);
  if (!text) return whole_file(path, "the file " + text.error().message);
  Findings findings(path);
  const auto root = read_yaml(*text, findings.problems());
  if (!root) return std::unexpected(findings.problems().sorted());
  if (root->kind == Node::Kind::kNull) return whole_file(path, "the file is empty; required is at least github.orgs");
  if (root->kind != Node::Kind::kMap) {
    findings.problems().add(root->position, "", "the file is no map; allowed are keys such as 'github:'");
    return std::unexpected(findings.problems().sorted());
  }
  Config config = bind_and_check(*root, environment, findings);
  if (!findings.problems().empty()) return std::unexpected(findings.problems().sorted());
  return config;
}

Result<Config> config_from_flags(const std::vector<std::string>& orgs, const std::string& token_file,
                                 const Environment& environment) {
  if (orgs.empty()) return fail(ErrorCode::kInvalidArgument, "no organisation; required is at least one --org=NAME");
  const auto token = token_from_flags(token_file, environment);
  if (!token) return fail(token.error());
  Config config;
  for (const std::string& name : orgs) {
    auto org = org_from_flags(name, token_file, *token);
    if (!org) return fail(org.error());
    const bool is_known = std::ranges::any_of(config.github.orgs, [&](const Org& o) { return same_org(o, name); });
    if (is_known) return fail(ErrorCode::kInvalidArgument, fmt::format("--org: {} is given twice", quoted(name)));
    config.github.orgs.push_back(std::move(*org));
  }
  resolve_defaults(config);
  return config;
}

Status set_key(Config& config, std::string_view key, std::string_view text) {
  const KeySpec* const spec = find_key(key);
  if (spec == nullptr) return fail(ErrorCode::kInternal, fmt::format("no key is called {}", key));
  if (auto wrong = assign(*spec, spec->slot({config}), {.text = text})) {
    return fail(ErrorCode::kInvalidArgument, std::move(wrong->message));
  }
  config.given_keys.insert(std::string(key));
  return {};
}

Result<Role> initial_role(const Environment& environment) {
  const auto value = environment.variable(kRoleVariable);
  if (!value || value->empty() || *value == to_string(Role::kLeader)) return Role::kLeader;
  if (*value == to_string(Role::kFollower)) return Role::kFollower;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("environment variable {}: {} is not allowed; allowed are leader or follower", kRoleVariable,
                          quoted(*value)));
}

std::vector<std::string> inactive_keys_in_use(const Config& config) {
  std::vector<std::string> keys;
  for (const KeySpec& spec : table()) {
    if (config.given_keys.contains(spec.key) && !spec.is_active) keys.emplace_back(spec.key);
  }
  return keys;
}

}  // namespace ghstats::config
