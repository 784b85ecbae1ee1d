#include "config/print.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "config/table.h"

namespace ghstats::config {
namespace {

// Its value came from a file whose path is printed instead.
bool is_read_from_file(const KeySpec& spec, const Config& config) {
  if (spec.key == "amqp.url") return !config.amqp.url_file.empty();
  if (spec.key == "store.redis_password") return !config.store.redis_password_file.empty();
  if (spec.key == "store.redis_sentinel_password") return !config.store.redis_sentinel_password_file.empty();
  return false;
}

bool is_not_given(const KeySpec& spec, const Slot& slot) {
  if (auto* const* text = std::get_if<std::string*>(&slot)) return (*text)->empty();
  if (auto* const* number = std::get_if<std::int64_t*>(&slot)) return **number < spec.min;
  if (auto* const* secret = std::get_if<Secret*>(&slot)) return (*secret)->empty();
  if (auto* const* url = std::get_if<CredentialUrl*>(&slot)) return (*url)->empty();
  return false;
}

class Printer {
 public:
  explicit Printer(const Config& config) : config_(config) {}

  std::string run() {
    out_ = "# effective values; secrets are redacted\n";
    for (const KeySpec& spec : table()) {
      if (spec.key.starts_with("github.orgs[].")) continue;
      if (spec.key == "github.orgs") {
        print_orgs();
      } else {
        print_key(spec, {config_});
      }
    }
    return std::move(out_);
  }

 private:
  void print_key(const KeySpec& spec, const Target& target) {
    const Slot slot = spec.slot(target);
    if (is_not_given(spec, slot) || is_read_from_file(spec, config_)) return;
    const std::size_t depth = open_section(section_of(spec.key));
    out_ += fmt::format("{:{}}{}: {}\n", "", depth * 2, name_of(spec.key), format_value(slot));
  }

  void print_orgs() {
    const std::size_t depth = open_section("github");
    if (config_.github.orgs.empty()) {
      out_ += fmt::format("{:{}}orgs: []\n", "", depth * 2);
      return;
    }
    out_ += fmt::format("{:{}}orgs:\n", "", depth * 2);
    for (Org& org : config_.github.orgs) print_org(org, (depth + 1) * 2);
  }

  void print_org(Org& org, std::size_t indent) {
    std::string_view lead = "- ";
    for (const KeySpec& spec : table()) {
      if (!spec.key.starts_with("github.orgs[].")) continue;
      const Slot slot = spec.slot({config_, &org});
      if (is_not_given(spec, slot)) continue;
      out_ += fmt::format("{:{}}{}{}: {}\n", "", indent, lead, name_of(spec.key), format_value(slot));
      lead = "  ";
    }
  }

  // Writes the headings between the last section and this one; how deep its keys stand.
  std::size_t open_section(std::string_view section) {
    std::size_t depth = 0;
    std::size_t begin = 0;
    while (begin < section.size()) {
      const std::size_t end = std::min(section.find('.', begin), section.size());
      const std::string_view prefix = section.substr(0, end);
      const bool is_open = section_ == prefix || section_.starts_with(fmt::format("{}.", prefix));
      if (!is_open) out_ += fmt::format("{:{}}{}:\n", "", depth * 2, section.substr(begin, end - begin));
      ++depth;
      begin = end + 1;
    }
    section_ = section;
    return depth;
  }

  Config config_;
  std::string section_;
  std::string out_;
};

}  // namespace

std::string print_config(const Config& config) {
  return Printer(config).run();
}

}  // namespace ghstats::config
