#include "sim/copilot/usage.h"

namespace ghstats::sim::copilot {
namespace {

constexpr std::array<std::string_view, 12> kFeatures{"code_completion",
                                                     "chat_panel_ask_mode",
                                                     "chat_panel_agent_mode",
                                                     "agent_edit",
                                                     "chat_inline",
                                                     "chat_panel_edit_mode",
                                                     "chat_panel_plan_mode",
                                                     "copilot_cli",
                                                     "chat_panel_custom_mode",
                                                     "copilot_app",
                                                     "chat_panel_unknown_mode",
                                                     "others"};
constexpr std::array<std::string_view, 10> kIdes{"vscode",  "intellij", "visualstudio", "xcode", "neovim",
                                                 "eclipse", "others",   "vim",          "zed",   "emacs"};
constexpr std::array<std::string_view, 10> kLanguages{"python", "typescript", "go",     "unknown", "java",
                                                      "cpp",    "markdown",   "others", "rust",    "yaml"};
constexpr std::array<std::string_view, 7> kModels{"gpt-5.1", "claude-sonnet-4.5", "auto",  "gemini-3.0-pro",
                                                  "unknown", "gpt-5-mini",        "others"};

template <std::size_t kSize>
std::string pick(Random& random, const std::array<std::string_view, kSize>& words) {
  static const Zipf zipf(kSize, 1.0);
  return std::string(words[zipf(random)]);
}

bool is_chat(std::string_view feature) {
  return feature.starts_with("chat_");
}

Counters some_counters(Random& random, std::string_view feature) {
  Counters c{};
  c[0] = feature == "code_completion" || feature == "agent_edit" ? 0 : random.between(1, 20);
  if (c[0] > 0 && random.chance(0.3)) return c;  // questions without code
  c[1] = random.between(1, 60);
  c[2] = random.between(0, c[1]);
  c[3] = random.between(0, 400);
  c[4] = feature == "code_completion" ? 0 : random.between(0, 80);
  // What agents edit need not have been suggested.
  c[5] = random.between(0, feature == "agent_edit" ? 2 * c[3] + 50 : c[3]);
  c[6] = random.between(0, c[4] + 5);
  return c;
}

Sessions some_sessions(Random& random) {
  const auto sessions = random.between(1, 6);
  const auto requests = sessions * random.between(1, 5);
  return {sessions, requests, random.between(1, requests), random.between(100, 50'000), random.between(100, 90'000)};
}

// One kind of activity, told again in every array that covers it.
void add_cell(Random& random, const std::string& feature, Usage& usage) {
  const auto counters = some_counters(random, feature);
  const auto language = pick(random, kLanguages);
  const auto model = pick(random, kModels);
  const bool in_ide = feature != "copilot_cli" && feature != "copilot_app";
  add(usage.top, counters);
  add(usage.arrays[kByFeature][{feature, ""}], counters);
  if (feature != "code_completion") add(usage.arrays[kByModelFeature][{model, feature}], counters);
  if (!in_ide) return;
  add(usage.arrays[kByIde][{pick(random, kIdes), ""}], counters);
  if (!has_code(counters)) return;
  auto code = counters;
  code[0] = 0;
  add(usage.arrays[kByLanguageFeature][{language, feature}], code);
  if (is_chat(feature)) add(usage.arrays[kByLanguageModel][{language, model}], code);
}

void mark(const std::string& feature, Random& random, Usage& usage) {
  usage.active |= kUsed;
  if (is_chat(feature)) usage.active |= kChat;
  if (feature == "agent_edit" || feature == "chat_panel_agent_mode") usage.active |= kAgent;
  if (feature == "copilot_cli" && (usage.active & kCli) == 0) {
    usage.active |= kCli;
    usage.cli = some_sessions(random);
  }
  if (feature == "copilot_app" && (usage.active & kApp) == 0) {
    usage.active |= kApp;
    usage.app = some_sessions(random);
  }
}

}  // namespace

void add(Arrays& sum, const Arrays& more, std::int64_t times) {
  for (std::size_t i = 0; i < sum.size(); ++i) {
    for (const auto& [labels, counters] : more[i]) add(sum[i][labels], counters, times);
  }
}

void Sessions::add(const Sessions& more, std::int64_t times) {
  sessions += more.sessions * times;
  requests += more.requests * times;
  prompts += more.prompts * times;
  output_tokens += more.output_tokens * times;
  prompt_tokens += more.prompt_tokens * times;
}

Usage make_usage(Random& random, std::size_t flavour) {
  Usage usage;
  usage.phase = static_cast<int>(random.below(4));
  if (flavour == 0) return usage;
  const bool only_cli = flavour == 1;
  const auto cells = only_cli ? 2 : random.between(1, 9);
  for (std::int64_t i = 0; i < cells; ++i) {
    const auto feature = only_cli ? std::string("copilot_cli") : pick(random, kFeatures);
    add_cell(random, feature, usage);
    mark(feature, random, usage);
  }
  if (flavour == 2) usage.arrays = {};
  if (random.chance(0.2)) usage.active |= kCloudAgent;
  if (random.chance(0.2)) usage.active |= kReviewActive;
  if (random.chance(0.3)) usage.active |= kReviewPassive;
  usage.extras = random.chance(0.4) ? random.between(1, 5) : 0;
  usage.credits = static_cast<double>(random.between(0, 400)) / 8;
  return usage;
}

}  // namespace ghstats::sim::copilot
