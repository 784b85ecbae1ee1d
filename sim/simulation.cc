#include "sim/simulation.h"

#include <fstream>
#include <sstream>

#include "sim/world/generator.h"
#include "sim/world/git_import.h"

namespace ghstats::sim {
namespace {

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || !text) return fail(ErrorCode::kInvalidArgument, "cannot read '" + path + "'");
  return text.str();
}

Result<App> make_app(const Options& options) {
  App app;
  app.id = options.app_id;
  app.client_id = options.client_id;
  if (!options.write_app_key.empty()) {
    auto key = AppKey::generate(options.write_app_key);
    if (!key) return std::unexpected(key.error());
    app.key = std::move(*key);
  } else if (!options.app_public_key.empty()) {
    const auto pem = read_file(options.app_public_key);
    if (!pem) return std::unexpected(pem.error());
    auto key = AppKey::from_public_pem(*pem);
    if (!key) return std::unexpected(key.error().with_context(options.app_public_key));
    app.key = std::move(*key);
  }
  return app;
}

Status add_personal_token(const Options& options, Credentials& credentials) {
  std::string token = options.token;
  if (!options.token_file.empty()) {
    const auto text = read_file(options.token_file);
    if (!text) return std::unexpected(text.error());
    token = text->substr(0, text->find_first_of(" \r\n\t"));
  }
  if (!token.empty()) credentials.add_personal_token(std::move(token), options.token_user);
  return {};
}

std::set<std::string> permissions_in(copilot::OwnerKind kind, const Options& options) {
  std::set<std::string> granted;
  for (const auto& permission : options.permissions) {
    if (permission.starts_with("enterprise_") == (kind == copilot::OwnerKind::kEnterprise)) granted.insert(permission);
  }
  return granted;
}

// One installation for each organisation, then one for each enterprise, and Copilot for all of them if it is wanted.
void install_app(const Options& options, const std::vector<std::string>& orgs, Simulation& simulation) {
  using copilot::OwnerKind;
  const auto installed_at = simulation.clock.now() - std::chrono::hours{24};
  copilot::ReportSetup setup;
  setup.users = options.copilot_users;
  setup.seed = options.seed;
  auto id = options.installation_id;
  for (const auto& login : orgs) {
    const auto& org = *simulation.world.find_account(login);
    simulation.credentials.add_installation(id++, org, installed_at, permissions_in(OwnerKind::kOrganization, options));
    if (setup.users > 0) simulation.reports.set_up(copilot::owner_of(org), setup);
  }
  for (const auto& slug : options.enterprises) {
    const auto& enterprise = simulation.world.add_enterprise(slug);
    simulation.credentials.add_installation(id++, enterprise, installed_at,
                                            permissions_in(OwnerKind::kEnterprise, options));
    if (setup.users > 0) simulation.reports.set_up(copilot::owner_of(enterprise), setup);
  }
}

Status fill_world(const Options& options, Simulation& simulation) {
  const auto start = simulation.clock.now();
  GeneratorOptions generator;
  generator.orgs = org_logins(options);
  generator.repositories = options.repositories;
  generator.users = options.users;
  generator.seed = options.seed;
  generator.hours = options.hours;
  generator.events = options.events;
  generator.from = options.from.value_or(start - std::chrono::hours{options.hours});
  const auto generated = generate(simulation.world, generator);
  if (!generated) return std::unexpected(generated.error().with_context("generate"));
  for (const auto& path : options.git_paths) {
    ImportOptions import;
    import.path = path;
    import.org = generator.orgs.front();
    import.shift_to = options.git_shift_to_now;
    import.now = start;
    const auto imported = import_git(simulation.world, import);
    if (!imported) return std::unexpected(imported.error());
  }
  install_app(options, generator.orgs, simulation);
  return {};
}

}  // namespace

Result<std::unique_ptr<Simulation>> make_simulation(const Options& options, TimePoint machine_now) {
  auto app = make_app(options);
  if (!app) return std::unexpected(app.error());
  auto simulation = std::make_unique<Simulation>(options.clock_mode, options.start.value_or(machine_now),
                                                 std::move(*app), options.service);
  const auto token = add_personal_token(options, simulation->credentials);
  if (!token) return std::unexpected(token.error());
  const auto filled = fill_world(options, *simulation);
  if (!filled) return std::unexpected(filled.error());
  return simulation;
}

}  // namespace ghstats::sim
