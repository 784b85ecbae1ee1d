#include "config/enum_names.h"
#include "config/table.h"

namespace ghstats::config {
namespace {

std::vector<KeySpec> org_rows() {
  return {
      {.key = "github.orgs[].org",
       .slot = [](const Target& t) -> Slot { return &t.org->org; },
       .description = "Login of the organisation; also the spelling of the label `org`. Unique, whatever the case.",
       .example = "acme",
       .format = Format::kLogin,
       .is_required = true},
      {.key = "github.orgs[].app_id",
       .slot = [](const Target& t) -> Slot { return &t.org->app_id; },
       .description = "Id of the GitHub App; needs `private_key_path`.",
       .example = "12345",
       .min = 1},
      {.key = "github.orgs[].installation_id",
       .slot = [](const Target& t) -> Slot { return &t.org->installation_id; },
       .description = "Id of the App's installation. Left out: discovered from the organisation.",
       .example = "67890",
       .min = 1},
      {.key = "github.orgs[].private_key_path",
       .slot = [](const Target& t) -> Slot { return &t.org->private_key_path; },
       .description = "The App's private key: RSA, PEM (PKCS#1 as GitHub hands it out, or PKCS#8), not encrypted.",
       .example = "app.pem",
       .format = Format::kPrivateKey},
      {.key = "github.orgs[].token_file",
       .slot = [](const Target& t) -> Slot { return &t.org->token_file; },
       .description = "File with a personal access token, instead of an App. Read again when the token is refused.",
       .example = "token.txt",
       .format = Format::kTokenFile},
      {.key = "github.orgs[].token_env",
       .slot = [](const Target& t) -> Slot { return &t.org->token_env; },
       .description = "Name of the environment variable with a personal access token, instead of an App.",
       .example = "ACME_TOKEN",
       .format = Format::kVariable},
      {.key = "github.orgs[].scrape_interval",
       .slot = [](const Target& t) -> Slot { return &t.org->scrape_interval; },
       .description = "Time between the starts of two collection cycles.",
       .example = "10m",
       .min = 1},
      {.key = "github.orgs[].repo_allowlist",
       .slot = [](const Target& t) -> Slot { return &t.org->repo_allowlist; },
       .description = "Repositories to collect: exact names or globs (`*`, `?`).",
       .example = "[\"api\", \"web-*\"]",
       .format = Format::kGlob,
       .is_required = true},
      {.key = "github.orgs[].repo_denylist",
       .slot = [](const Target& t) -> Slot { return &t.org->repo_denylist; },
       .description = "Repositories to leave out, also when the allowlist names them.",
       .example = "[\"playground-*\"]",
       .format = Format::kGlob},
      {.key = "github.orgs[].include_forks",
       .slot = [](const Target& t) -> Slot { return &t.org->include_forks; },
       .description = "Collect forks too. Archived and disabled repositories are never collected.",
       .example = "false"},
      {.key = "github.orgs[].per_org_concurrency",
       .slot = [](const Target& t) -> Slot { return &t.org->per_org_concurrency; },
       .description = "Parallel requests of that organisation. GitHub refuses more than 100 in total.",
       .example = "8",
       .min = 1,
       .max = 100,
       .unit = "requests"},
  };
}

}  // namespace

std::vector<KeySpec> github_rows() {
  std::vector<KeySpec> rows = {
      {.key = "github.api_base_url",
       .slot = [](const Target& t) -> Slot { return &t.config.github.api_base_url; },
       .description = "Base of the REST API, for data and for App tokens: `https://HOST/api/v3` for GitHub Enterprise "
                      "Server, `https://api.NAME.ghe.com` for GHE.com.",
       .example = "https://github.example.com/api/v3",
       .format = Format::kHttpUrl,
       .is_required = true},
      {.key = "github.request_timeout",
       .slot = [](const Target& t) -> Slot { return &t.config.github.request_timeout; },
       .description = "Longest duration of one request.",
       .example = "45s",
       .min = 1},
      {.key = "github.collection",
       .slot = [](const Target& t) { return enum_slot(t.config.github.collection); },
       .description = "How activity is found: `changes` asks over GraphQL what changed, so its cost follows what "
                      "happened; `sweep` asks every repository over REST. `auto`: `changes` where the credential sees "
                      "the same repositories over GraphQL, else `sweep`.",
       .example = "sweep"},
      {.key = "github.reconcile_interval",
       .slot = [](const Target& t) -> Slot { return &t.config.github.reconcile_interval; },
       .description = "How often `changes` compares every repository's head, which finds what GitHub's search did not "
                      "tell: the longest that a change can stay unseen.",
       .example = "5m",
       .min = 1},
      {.key = "github.unhealthy_failure_threshold",
       .slot = [](const Target& t) -> Slot { return &t.config.github.unhealthy_failure_threshold; },
       .description = "Failed cycles (or probes) in a row after which the scheduled collection pauses.",
       .example = "9",
       .min = 1,
       .unit = "cycles"},
      {.key = "github.unhealthy_cooldown",
       .slot = [](const Target& t) -> Slot { return &t.config.github.unhealthy_cooldown; },
       .description = "How long the collection pauses then.",
       .example = "5m",
       .min = 1},
      {.key = "github.ca_file",
       .slot = [](const Target& t) -> Slot { return &t.config.github.ca_file; },
       .description = "PEM certificates trusted in addition to the system's.",
       .example = "ca.pem",
       .format = Format::kCertificates},
      {.key = "github.proxy",
       .slot = [](const Target& t) -> Slot { return &t.config.github.proxy; },
       .description = "Proxy for requests to GitHub. Left out: the environment's proxies (`https_proxy`, `no_proxy`).",
       .example = "http://proxy.example.com:3128",
       .format = Format::kProxyUrl},
      {.key = "github.orgs",
       .slot = [](const Target& t) -> Slot { return &t.config.github.orgs; },
       .description = "The organisations, at least one. Each needs exactly one of: a GitHub App (`app_id` and "
                      "`private_key_path`), `token_file`, `token_env`.",
       .example = "[]",
       .is_required = true},
  };
  for (KeySpec& row : org_rows()) rows.push_back(row);
  return rows;
}

}  // namespace ghstats::config
