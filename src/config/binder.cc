#include "config/binder.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/interpolate.h"
#include "config/parts.h"
#include "config/suggest.h"
#include "config/table.h"
#include "config/values.h"

namespace ghstats::config {
namespace {

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kNull:
      return "has no value";
    case Node::Kind::kScalar:
      return "is a single value";
    case Node::Kind::kSequence:
      return "is a list";
    case Node::Kind::kMap:
      return "is a map";
    case Node::Kind::kInvalid:
      return "is an alias or has a tag";
  }
  return "";
}

std::string expected(const Node& node, std::string_view allowed) {
  return fmt::format("{}; allowed is a {}", kind_name(node.kind), allowed);
}

// Of a key without a value nobody can tell that it has the wrong type.
Wrong wrong_kind(const Node& node, std::string_view allowed) {
  return {.message = expected(node, allowed), .is_value = node.kind == Node::Kind::kNull};
}

// What a key says that is not given.
bool says_nothing(std::string_view text) {
  return text.empty() || text == "0";
}

bool is_list(const Slot& slot) {
  return std::holds_alternative<std::vector<std::string>*>(slot) ||
         std::holds_alternative<std::vector<Duration>*>(slot);
}

void clear(const Slot& slot) {
  if (auto* const* strings = std::get_if<std::vector<std::string>*>(&slot)) (*strings)->clear();
  if (auto* const* durations = std::get_if<std::vector<Duration>*>(&slot)) (*durations)->clear();
}

bool has_text_default(const Slot& slot) {
  const auto* const* text = std::get_if<std::string*>(&slot);
  return text != nullptr && !(*text)->empty();
}

bool is_text(const Slot& slot) {
  return std::holds_alternative<std::string*>(slot) || std::holds_alternative<Secret*>(slot) ||
         std::holds_alternative<CredentialUrl*>(slot);
}

bool refuses_quotes(const Slot& slot) {
  return std::holds_alternative<std::int64_t*>(slot) || std::holds_alternative<double*>(slot) ||
         std::holds_alternative<bool*>(slot);
}

class Binder {
 public:
  Binder(const Environment& environment, Findings& findings) : environment_(environment), findings_(findings) {}

  Config run(const Node& root) {
    bind_map(root, "", "", {config_});
    settle_reservations();
    return std::move(config_);
  }

 private:
  // Only a problem when the key turns out to be in use, which the whole file says.
  struct Reservation {
    const KeySpec* spec;
    std::string path;
    std::string message;
  };

  void reserve(const KeySpec& spec, const std::string& path, std::string message) {
    reservations_.push_back({&spec, path, std::move(message)});
  }

  void settle_reservations() {
    const auto unused = std::ranges::partition(
        reservations_, [&](const Reservation& r) { return is_in_use(r.spec->key, config_, findings_); });
    for (const Reservation& r : unused) config_.given_keys.erase(std::string(r.spec->key));
    for (auto r = reservations_.begin(); r != unused.begin(); ++r) findings_.report(r->path, std::move(r->message));
  }

  void complain(const KeySpec& spec, const std::string& path, Wrong wrong, std::string_view text) {
    if (wrong.is_value || says_nothing(text)) {
      reserve(spec, path, std::move(wrong.message));
    } else {
      findings_.report(path, std::move(wrong.message));
    }
  }

  // `section` is the table's spelling, `path` the file's; they differ inside lists.
  void bind_map(const Node& map, const std::string& section, const std::string& path, const Target& target) {
    std::map<std::string_view, int> lines;
    for (std::size_t i = 0; i + 1 < map.children.size(); i += 2) {
      const Node& key = map.children[i];
      if (key.kind != Node::Kind::kScalar) {
        findings_.report_at(key.position, path, "a key here " + expected(key, "name"));
        continue;
      }
      const std::string dot = section.empty() ? "" : ".";
      const std::string key_path = path + dot + key.text;
      const auto [first, is_new] = lines.emplace(key.text, key.position.line);
      if (!is_new) {
        findings_.report_at(key.position, shown_path(path, key.text),
                            fmt::format("given twice, first in line {}; allowed is once", first->second));
        continue;
      }
      bind_entry(key, map.children[i + 1], section, section + dot + key.text, key_path, target);
    }
  }

  void bind_entry(const Node& key, const Node& value, const std::string& section, const std::string& table_key,
                  const std::string& path, const Target& target) {
    if (value.kind == Node::Kind::kInvalid) {
      findings_.locate(path, value.position);
      findings_.report(path, value.text);
    } else if (table_key == "github.orgs") {
      bind_orgs(key, value);
    } else if (const KeySpec* const spec = key.text.contains('.') ? nullptr : find_key(table_key)) {
      bind_value(*spec, key, value, path, target);
    } else if (!key.text.empty() && !key.text.contains('.') && is_section(table_key)) {
      bind_section(key, value, table_key, path, target);
    } else {
      const std::string parent = path.substr(0, path.size() - key.text.size());
      findings_.report_at(key.position, parent + shown_name(key.text), describe_unknown_key(section, key.text));
    }
  }

  void bind_section(const Node& key, const Node& value, const std::string& section, const std::string& path,
                    const Target& target) {
    findings_.locate(path, key.position);
    // A section whose keys are all commented out is an empty one.
    if (value.kind == Node::Kind::kNull) return;
    if (value.kind != Node::Kind::kMap) {
      findings_.report_at(value.position, path, expected(value, "map"));
      return;
    }
    bind_map(value, section, path, target);
  }

  void bind_orgs(const Node& key, const Node& value) {
    findings_.locate("github.orgs", key.position);
    config_.given_keys.insert("github.orgs");
    if (value.kind != Node::Kind::kSequence) {
      findings_.report_at(value.kind == Node::Kind::kNull ? key.position : value.position, "github.orgs",
                          expected(value, "list of maps"));
      return;
    }
    // Pointers into the vector are handed out below.
    config_.github.orgs.resize(value.children.size());
    for (std::size_t i = 0; i < value.children.size(); ++i) {
      const Node& item = value.children[i];
      const std::string path = fmt::format("github.orgs[{}]", i);
      findings_.locate(path, item.position);
      if (item.kind == Node::Kind::kInvalid) {
        findings_.report(path, item.text);
      } else if (item.kind != Node::Kind::kMap) {
        findings_.report(path, expected(item, "map"));
      } else {
        bind_map(item, "github.orgs[]", path, {config_, &config_.github.orgs[i]});
      }
    }
  }

  void bind_value(const KeySpec& spec, const Node& key, const Node& node, const std::string& path,
                  const Target& target) {
    const Slot slot = spec.slot(target);
    // An empty value has no place of its own; yaml-cpp names the next token's.
    findings_.locate(path, node.kind == Node::Kind::kNull ? key.position : node.position);
    if (is_list(slot)) {
      bind_list(spec, slot, node, path);
      return;
    }
    if (node.kind != Node::Kind::kScalar) {
      const std::string_view type = type_name(spec);
      complain(spec, path, wrong_kind(node, type == "one of" ? "single value" : type), "?");
      return;
    }
    const auto given = interpolated(spec, node, path);
    if (!given) return;
    if (given->text.empty() && is_text(slot)) {
      if (spec.is_required || has_text_default(slot)) reserve(spec, path, "is empty; allowed is a non-empty text");
      return;
    }
    if (!says_nothing(given->text)) config_.given_keys.insert(std::string(spec.key));
    if (node.is_quoted && refuses_quotes(slot) && !given->uses_environment) {
      complain(spec, path,
               {fmt::format("is a quoted text; allowed is {} {} without quotes",
                            type_name(spec) == "integer" ? "an" : "a", type_name(spec))},
               given->text);
      return;
    }
    if (auto wrong = assign(spec, slot, {.text = given->text, .is_hidden = given->uses_environment})) {
      complain(spec, path, std::move(*wrong), given->text);
      return;
    }
    config_.given_keys.insert(std::string(spec.key));
  }

  void bind_list(const KeySpec& spec, const Slot& slot, const Node& node, const std::string& path) {
    if (node.kind != Node::Kind::kSequence) {
      const bool is_empty_text = node.kind == Node::Kind::kScalar && node.text.empty();
      complain(spec, path, wrong_kind(node, type_name(spec)), is_empty_text ? "" : "?");
      return;
    }
    if (node.children.empty() && spec.is_required) {
      reserve(spec, path, "is empty; allowed is a list of at least one");
      return;
    }
    clear(slot);
    if (!node.children.empty()) config_.given_keys.insert(std::string(spec.key));
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const Node& item = node.children[i];
      const std::string item_path = fmt::format("{}[{}]", path, i);
      findings_.locate(item_path, item.position);
      if (item.kind == Node::Kind::kInvalid) {
        findings_.report(item_path, item.text);
        continue;
      }
      if (item.kind != Node::Kind::kScalar) {
        findings_.report(item_path, expected(item, "single value"));
        continue;
      }
      const auto given = interpolated(spec, item, item_path);
      if (!given) continue;
      if (auto wrong = assign(spec, slot, {.text = given->text, .is_hidden = given->uses_environment})) {
        complain(spec, item_path, std::move(*wrong), given->text);
      }
    }
  }

  std::optional<Interpolated> interpolated(const KeySpec& spec, const Node& node, const std::string& path) {
    auto text = interpolate(node.text, environment_);
    if (text) return std::move(*text);
    // Something was meant to stand here.
    config_.given_keys.insert(std::string(spec.key));
    reserve(spec, path, text.error().message);
    return std::nullopt;
  }

  // Keys of the operator's own making may be long or hold control characters.
  static std::string shown_name(const std::string& name) {
    std::string shown = quoted(name);
    return shown.substr(1, shown.size() - 1 - (shown.ends_with('\'') ? 1 : 0));
  }
  static std::string shown_path(const std::string& parent, const std::string& name) {
    return (parent.empty() ? "" : parent + ".") + shown_name(name);
  }

  const Environment& environment_;
  Findings& findings_;
  Config config_;
  std::vector<Reservation> reservations_;
};

}  // namespace

Config bind(const Node& root, const Environment& environment, Findings& findings) {
  return Binder(environment, findings).run(root);
}

}  // namespace ghstats::config
