#include "config/document.h"

#include <fmt/format.h>

#include <string_view>
#include <variant>
#include <vector>

#include "config/table.h"
#include "config/values.h"
#include "config/yaml_reader.h"

namespace ghstats::config {
namespace {

constexpr std::string_view kIntroduction = R"(# Configuration

<!-- Generated from the table in src/config by tools/generate_docs; do not edit. -->

`github-stats-exporter --config=PATH` reads one YAML file (default `config/local.yaml`), of which only `github.orgs` is
required:

```yaml
github:
  orgs:
    - org: acme
      app_id: 12345
      private_key_path: /run/secrets/app.pem
```

`github-stats-exporter check-config --config=PATH` reports every problem at once, each as
`file:line:column: key: what is wrong, what is allowed`, and exits with 0 or 2. `print-config` shows the effective values.

## How values are read

- **Strict.** Unknown and duplicate keys, wrong types and values out of range are errors. Write numbers and booleans
  without quotes, numbers in decimal without leading zeros, booleans as `true` or `false`.
- **Durations** are number and unit (`ms`, `s`, `m`, `h`, `d`, `w`), largest unit first: `300ms`, `30s`, `1h30m`, `7d`,
  `2w`.
- **`${NAME}`** in any value is replaced by that environment variable, which must be set; `$${` stands for `${`.
- **An empty text** means that the key is not given.
- **A part that is switched off** may stand there half filled in. Its keys are checked for unknown names and wrong types
  only, not for range, presence or files, and an empty text, an empty list or a 0 means "not given". Parts and what
  switches them: `leader_election` (`enabled`), `backfill` (`enabled`), `amqp` (a URL, and `backfill`), `store.redis_*`
  (`store.backend`, else an address), `loc.fallback_max_*` (`fallback_enabled`, or `source: commit_history`), `copilot`
  and `copilot.enterprise` (`enabled`), `telemetry` (`otel_enabled`).
- **Files** that a key names must exist, be readable and hold what the key promises when the program starts; relative
  paths start at the working directory. They are regular files of at most 1 MiB, also behind symbolic links; a FIFO or a
  device is an error. One trailing newline of a secret is ignored. `check-config --config=-` reads standard input.
- **Secrets** never appear in a log, an error or `print-config`, nor does the user info of a URL.
- **Not supported**: YAML aliases, merge keys, tags and several documents, nesting deeper than )";

bool is_enum(const Slot& slot) {
  return std::holds_alternative<EnumSlot>(slot);
}

std::string code(std::string_view text) {
  return fmt::format("`{}`", text);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string describe_default(const KeySpec& spec, const Slot& slot) {
  if (!spec.default_note.empty()) return std::string(spec.default_note);
  if (spec.key == "github.orgs" || spec.key == "github.orgs[].org") return "required";
  if (auto* const* number = std::get_if<std::int64_t*>(&slot); number != nullptr && **number < spec.min) return "-";
  const std::string text = format_value(slot);
  return text == "\"\"" ? "-" : code(text);
}

std::string describe_type(const KeySpec& spec, const Slot& slot) {
  if (is_enum(slot)) {
    std::string out;
    for (const std::string_view name : std::get<EnumSlot>(slot).names) {
      out += fmt::format("{}{}", out.empty() ? "" : ", ", code(name));
    }
    return out;
  }
  std::string out(type_name(spec));
  if (const std::string bounds = describe_bounds(spec); !bounds.empty()) out += ", " + bounds;
  if (!spec.unit.empty()) out += fmt::format(" {}", spec.unit);
  return out;
}

std::string row(const KeySpec& spec) {
  Config config;
  Org org;
  const Slot slot = spec.slot({config, &org});
  return fmt::format("| `{}` | {} | {} | {}{} |\n", name_of(spec.key), describe_type(spec, slot),
                     escaped(describe_default(spec, slot)), escaped(spec.description),
                     spec.is_active ? "" : " *Not active yet.*");
}

}  // namespace

std::string configuration_document() {
  std::string out(kIntroduction);
  out += fmt::format("{} levels,\n  files larger than {} MiB.\n", kDeepestNesting, kLargestFile >> 20U);
  out += "- *Not active yet*: the key is checked and kept, its feature comes in a later release.\n";
  std::string_view section;
  for (const KeySpec& spec : table()) {
    if (const std::string_view next = section_of(spec.key); next != section) {
      section = next;
      out += fmt::format("\n## `{}`\n\n| key | type | default | meaning |\n| --- | --- | --- | --- |\n", section);
    }
    out += row(spec);
  }
  return out;
}

}  // namespace ghstats::config
