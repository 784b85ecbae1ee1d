#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "base/folded.h"
#include "config/validate.h"

namespace ghstats::config {
namespace {

class OrgRules {
 public:
  OrgRules(const Org& org, std::string path, Findings& findings)
      : org_(org), path_(std::move(path)), findings_(findings) {}

  void run() {
    if (!findings_.are_sound({path_})) return;
    if (!findings_.is_written(of("org")))
      findings_.report(of("org"), "is missing; required is the organisation's login");
    const bool has_app = written("app_id") || written("private_key_path") || written("installation_id");
    const int ways = (has_app ? 1 : 0) + (written("token_file") ? 1 : 0) + (written("token_env") ? 1 : 0);
    if (ways == 0) {
      findings_.report_at(findings_.position_of(path_), path_,
                          "has no credentials; required is one of: app_id and private_key_path, token_file, token_env");
    } else if (ways > 1) {
      findings_.report_at(findings_.position_of(path_), path_,
                          "has several credentials; allowed is one of: app_id and private_key_path, token_file, "
                          "token_env");
    } else if (has_app) {
      if (!written("app_id")) report_missing("app_id");
      if (!written("private_key_path")) report_missing("private_key_path");
    }
  }

 private:
  [[nodiscard]] std::string of(std::string_view name) const { return fmt::format("{}.{}", path_, name); }

  // Written and not an empty string, which means "not given".
  [[nodiscard]] bool written(std::string_view name) const {
    const std::string path = of(name);
    if (!findings_.is_written(path)) return false;
    if (!findings_.are_sound({path})) return true;
    if (name == "app_id") return org_.app_id != 0;
    if (name == "installation_id") return org_.installation_id != 0;
    if (name == "private_key_path") return !org_.private_key_path.empty();
    if (name == "token_file") return !org_.token_file.empty();
    return !org_.token_env.empty();
  }

  void report_missing(std::string_view name) {
    findings_.report(of(name), "is missing; an App needs app_id and private_key_path");
  }

  const Org& org_;
  std::string path_;
  Findings& findings_;
};

}  // namespace

void validate_orgs(const Config& config, Findings& findings) {
  const auto& orgs = config.github.orgs;
  if (orgs.empty() && findings.are_sound({"github.orgs", "github"})) {
    findings.report("github.orgs", "no organisation; required is at least one");
  }
  std::map<std::string, std::size_t> first_of;
  for (std::size_t i = 0; i < orgs.size(); ++i) {
    const std::string path = fmt::format("github.orgs[{}]", i);
    OrgRules(orgs[i], path, findings).run();
    if (orgs[i].org.empty()) continue;
    const auto [first, is_new] = first_of.emplace(folded(orgs[i].org), i);
    if (!is_new) {
      findings.report(path + ".org",
                      fmt::format("{} is the same organisation as github.orgs[{}] ({}); allowed is each once",
                                  quoted(orgs[i].org), first->second, quoted(orgs[first->second].org)));
    }
  }
}

}  // namespace ghstats::config
