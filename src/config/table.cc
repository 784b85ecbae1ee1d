#include "config/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "config/interpolate.h"
#include "config/overloaded.h"

namespace ghstats::config {
namespace {

std::string yaml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : escape_interpolation(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

template <class List, class Format>
std::string yaml_list(const List& list, Format format_item) {
  std::vector<std::string> items;
  std::ranges::transform(list, std::back_inserter(items), format_item);
  return fmt::format("[{}]", fmt::join(items, ", "));
}

}  // namespace

const std::vector<KeySpec>& table() {
  static const std::vector<KeySpec> rows = [] {
    std::vector<KeySpec> all;
    for (auto* const part :
         {server_rows, github_rows, collection_rows, backfill_rows, store_rows, copilot_rows, telemetry_rows}) {
      std::ranges::move(part(), std::back_inserter(all));
    }
    return all;
  }();
  return rows;
}

const KeySpec* find_key(std::string_view key) {
  const auto row = std::ranges::find(table(), key, &KeySpec::key);
  return row == table().end() ? nullptr : &*row;
}

bool is_section(std::string_view path) {
  if (path.empty()) return true;
  return std::ranges::any_of(table(), [&](const KeySpec& spec) {
    return spec.key.size() > path.size() && spec.key.starts_with(path) && spec.key[path.size()] == '.';
  });
}

std::vector<std::string> children_of(std::string_view section) {
  const std::string prefix = section.empty() ? "" : fmt::format("{}.", section);
  std::vector<std::string> names;
  for (const KeySpec& spec : table()) {
    if (!spec.key.starts_with(prefix)) continue;
    const std::string_view rest = spec.key.substr(prefix.size());
    std::string name(rest.substr(0, rest.find_first_of(".[")));
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

std::string_view type_name(const KeySpec& spec) {
  Config config;
  Org org;
  return std::visit(
      Overloaded{
          [&](std::string*) -> std::string_view { return spec.format >= Format::kFile ? "path of a file" : "string"; },
          [](std::int64_t*) -> std::string_view { return "integer"; },
          [](double*) -> std::string_view { return "number"; },
          [](bool*) -> std::string_view { return "boolean"; },
          [](Duration*) -> std::string_view { return "duration"; },
          [](const EnumSlot&) -> std::string_view { return "one of"; },
          [](std::vector<std::string>*) -> std::string_view { return "list of strings"; },
          [](std::vector<Duration>*) -> std::string_view { return "list of durations"; },
          [](Secret*) -> std::string_view { return "secret string"; },
          [](CredentialUrl*) -> std::string_view { return "URL"; },
          [](std::vector<Org>*) -> std::string_view { return "list of maps"; },
      },
      spec.slot({config, &org}));
}

std::string format_value(const Slot& slot) {
  return std::visit(Overloaded{
                        [](const std::string* text) { return yaml_string(*text); },
                        [](const std::int64_t* number) { return std::to_string(*number); },
                        [](const double* number) { return fmt::format("{}", *number); },
                        [](const bool* flag) { return std::string(*flag ? "true" : "false"); },
                        [](const Duration* duration) { return format_duration(*duration); },
                        [](const EnumSlot& e) { return std::string(e.names[e.get(e.value)]); },
                        [](const std::vector<std::string>* list) { return yaml_list(*list, yaml_string); },
                        [](const std::vector<Duration>* list) { return yaml_list(*list, format_duration); },
                        [](const Secret* secret) { return secret->empty() ? "\"\"" : yaml_string(kRedacted); },
                        [](const CredentialUrl* url) { return yaml_string(url->redacted()); },
                        [](const std::vector<Org>*) { return std::string("[]"); },
                    },
                    slot);
}

std::string_view section_of(std::string_view key) {
  return key.substr(0, key.rfind('.'));
}
std::string_view name_of(std::string_view key) {
  return key.substr(key.rfind('.') + 1);
}

}  // namespace ghstats::config
