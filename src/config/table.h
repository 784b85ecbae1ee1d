// Every configuration key, once: the parser, the validation, print-config and docs/configuration.md come from here.
// Defaults are not here but in config.h's initialisers, which the same rows read through `slot`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.h"

namespace ghstats::config {

// Where a row's value lives. `org` is only there for the rows under github.orgs[].
struct Target {
  Config& config;
  Org* org = nullptr;
};

struct EnumSlot {
  std::span<const std::string_view> names;
  void* value = nullptr;
  void (*set)(void* value, std::size_t index) = nullptr;
  std::size_t (*get)(const void* value) = nullptr;
};

// The alternative is the key's type.
using Slot = std::variant<std::string*, std::int64_t*, double*, bool*, Duration*, EnumSlot, std::vector<std::string>*,
                          std::vector<Duration>*, Secret*, CredentialUrl*, std::vector<Org>*>;

// What a string (or each string of a list) must look like.
enum class Format {
  kText,          // anything without control characters
  kListen,        // host:port, :port, [ipv6]:port
  kHostPort,      // host:port
  kRedisAddress,  // host:port or redis(s)://
  kHost,          // DNS name, perhaps with :port
  kHostPattern,   // DNS name with * for a label or a part of one, *. in front for several
  kMetricsPath,   // /path of the scrape page
  kHttpUrl,       // http(s)://host..., no user info, query or fragment
  kProxyUrl,      // http(s), socks5(h)
  kAmqpUrl,       // amqp(s)://
  kLogin,         // account name on GitHub
  kGlob,          // repository name or pattern
  kKeyPrefix,     // beginning of names in Redis, also in the patterns of an ACL
  kVariable,      // name of an environment variable
  kKubernetes,    // DNS label or subdomain
  kFile,          // path of a readable file, any content
  kSecretFile,    // ... that holds a secret
  kTokenFile,     // ... that holds a token
  kHashKeyFile,   // ... that holds a key of at least 16 bytes
  kUrlFile,       // ... that holds an amqp URL
  kPrivateKey,    // ... that holds an unencrypted RSA key in PEM
  kCertificates,  // ... that holds certificates in PEM
};

inline constexpr std::int64_t kUnbounded = std::numeric_limits<std::int64_t>::max();

struct KeySpec {
  std::string_view key;  // "server.listen_addr"; "github.orgs[].org" for a key of each organisation
  Slot (*slot)(const Target&) = nullptr;
  std::string_view description = {};
  std::string_view example = {};  // a valid value that is not the default, as YAML
  Format format = Format::kText;
  std::int64_t min = 0;  // of integers, of numbers, and of durations in milliseconds
  std::int64_t max = kUnbounded;
  std::string_view unit = {};          // of integers: what is counted
  std::string_view default_note = {};  // instead of the default in the document, where it is not a constant
  bool is_required = false;
  bool is_active = true;  // false: checked and kept, the feature comes in a later release
};

// In the document's order; rows of one section stand together.
const std::vector<KeySpec>& table();

// nullptr when there is no such key.
const KeySpec* find_key(std::string_view key);

// Whether `path` ("server", "copilot.enterprise", "" for the whole file) holds keys.
bool is_section(std::string_view path);

// The names directly under a section, in the table's order: "" gives "server", "metrics", ...
std::vector<std::string> children_of(std::string_view section);

// "duration", "list of strings", ...
std::string_view type_name(const KeySpec& spec);

// The value as YAML, without redaction of anything but secrets: `30s`, `"text"`, `[1m, 5m]`.
std::string format_value(const Slot& slot);

// The section of a key: "github.orgs[]" for "github.orgs[].org".
std::string_view section_of(std::string_view key);
std::string_view name_of(std::string_view key);

// The rows, one function per file.
std::vector<KeySpec> server_rows();
std::vector<KeySpec> github_rows();
std::vector<KeySpec> collection_rows();
std::vector<KeySpec> backfill_rows();
std::vector<KeySpec> store_rows();
std::vector<KeySpec> copilot_rows();
std::vector<KeySpec> telemetry_rows();

template <class E>
Slot enum_slot(E& value) {
  return EnumSlot{.names = names_of(value),
                  .value = &value,
                  .set = [](void* p, std::size_t index) { *static_cast<E*>(p) = static_cast<E>(index); },
                  .get = [](const void* p) { return static_cast<std::size_t>(*static_cast<const E*>(p)); }};
}

}  // namespace ghstats::config
