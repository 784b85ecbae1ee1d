#include "copilot/testing/generated_report.h"

#include <fmt/format.h>

#include <iterator>
#include <random>
#include <string_view>

namespace ghstats::copilot::testing {
namespace {

constexpr std::array<std::string_view, 3> kIdes = {"vscode", "intellij", "others"};
constexpr std::array<std::string_view, 4> kFeatures = {"code_completion", "chat_inline", "chat_panel_agent_mode",
                                                       "agent_edit"};
constexpr std::array<std::string_view, 4> kLanguages = {"go", "python", "c++", "unknown"};
constexpr std::array<std::string_view, 3> kModels = {"gpt-5", "claude", "auto"};

class Generator {
 public:
  Generator(ReportKind kind, std::uint64_t seed, Arrays arrays) : report_(row(kind)), arrays_(arrays), random_(seed) {}

  GeneratedReport generate(std::uint64_t users, std::uint64_t days) {
    if (report_.one_day) days = 1;
    switch (report_.shape) {
      case Shape::kPeriod: {
        std::string totals;
        for (std::uint64_t day = 1; day <= days; ++day) {
          fmt::format_to(std::back_inserter(totals), "{}{{{}}}", day == 1 ? "" : ",", usage("", day));
        }
        line(fmt::format(R"({{"day_totals":[{}],"report_start_day":"2025-10-01","report_end_day":"2025-10-28"}})",
                         totals));
        break;
      }
      case Shape::kDay:
        line(fmt::format("{{{}}}", usage("", 1)));
        break;
      case Shape::kUser:
        for (std::uint64_t user = 1; user <= users; ++user) {
          for (std::uint64_t day = 1; day <= days; ++day) {
            const std::string login = fmt::format("user-{}", user);
            line(fmt::format(R"({{"user_login":"{}",{},"user_id":{}}})", login, usage(login, day), user));
          }
        }
        break;
    }
    return std::move(out_);
  }

 private:
  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  template <class Texts>
  std::string one_of(const Texts& texts) {
    return std::string(texts[below(texts.size())]);
  }

  void line(const std::string& text) {
    ++out_.lines;
    out_.body += text + "\n";
  }

  Counters counters(std::uint64_t end) {
    Counters out;
    for (std::size_t i = 0; i < kCounters.size(); ++i) out.set(i, below(end));
    return out;
  }

  static std::string fields(const Counters& counters, bool interactions) {
    std::string out;
    for (std::size_t i = interactions ? 0 : 1; i < kCounters.size(); ++i) {
      if (!counters.has(i)) continue;
      fmt::format_to(std::back_inserter(out), R"({}"{}":{})", out.empty() ? "" : ",", kCounters[i].field,
                     counters.values[i]);
    }
    return out;
  }

  std::string usage(const std::string& login, std::uint64_t day_number) {
    const std::string day = fmt::format("2025-10-{:02}", day_number);
    std::vector<Activity> activities;
    Counters total = counters(40);
    if (arrays_ == Arrays::kTrue) {
      total = {};
      for (std::size_t i = 0; i < kCounters.size(); ++i) total.set(i, 0);
      for (std::uint64_t left = below(6); left > 0; --left) {
        activities.push_back({one_of(kIdes), one_of(kFeatures), one_of(kLanguages), "", counters(20)});
        if (activities.back().feature.starts_with("chat")) activities.back().model = one_of(kModels);
        total.add(activities.back().counters);
      }
    }
    std::string out = fmt::format(R"("day":"{}",{})", day, fields(total, true));
    for (const ArrayRow& array : kArrays) {
      if (arrays_ == Arrays::kWrong && below(8) == 0) continue;
      fmt::format_to(std::back_inserter(out), R"(,"{}":[{}])", array.field,
                     arrays_ == Arrays::kTrue ? true_rows(array, activities) : wrong_rows(array));
    }
    if (report_.shape != Shape::kUser) out += pull_requests();
    out_.counters.add(total);
    out_.by_day[day].add(total);
    if (!login.empty()) out_.by_user[login].add(total);
    std::ranges::move(activities, std::back_inserter(out_.activities));
    return out;
  }

  static std::string true_rows(const ArrayRow& array, const std::vector<Activity>& activities) {
    std::map<std::string, Counters> rows;
    for (const Activity& activity : activities) {
      if ((array.labels & kModel) != 0 && activity.model.empty()) continue;
      std::string labels;
      const std::array<const std::string*, 4> values = {&activity.ide, &activity.feature, &activity.language,
                                                        &activity.model};
      for (std::size_t i = 0; i < kLabelRows.size(); ++i) {
        if ((array.labels & kLabelRows[i].bit) != 0) {
          fmt::format_to(std::back_inserter(labels), R"("{}":"{}",)", kLabelRows[i].name, *values[i]);
        }
      }
      rows[labels].add(activity.counters);
    }
    std::string out;
    for (const auto& [labels, counters] : rows) {
      fmt::format_to(std::back_inserter(out), "{}{{{}{}}}", out.empty() ? "" : ",", labels,
                     fields(counters, array.has_interactions));
    }
    return out;
  }

  std::string wrong_rows(const ArrayRow& array) {
    std::string out;
    const std::uint64_t limit = below(3) == 0 ? 40 : 8;
    for (std::uint64_t left = below(6); left > 0; --left) {
      out += out.empty() ? "{" : ",{";
      for (const LabelRow& label : kLabelRows) {
        if ((array.labels & label.bit) == 0 || below(9) == 0) continue;
        const bool null = below(9) == 0;
        fmt::format_to(std::back_inserter(out), R"("{}":{},)", label.name,
                       null ? "null" : fmt::format(R"("{}-{}")", label.name, below(3)));
      }
      Counters told = counters(limit);
      if (below(4) == 0) told.told = static_cast<std::uint8_t>(told.told & below(256));
      const std::string numbers = fields(told, array.has_interactions);
      out += numbers.empty() ? R"("later":[{"field":null}]})" : numbers + "}";
    }
    return out;
  }

  std::string pull_requests() {
    std::string out;
    PullRequests told;
    for (std::size_t i = 0; i < kPullRequestCounters.size(); ++i) {
      told.set(i, below(9));
      fmt::format_to(std::back_inserter(out), R"("{}":{},)", kPullRequestCounters[i].field, told.values[i]);
    }
    out_.pull_requests.add(told);
    return fmt::format(R"(,"pull_requests":{{{}"median_minutes_to_merge":null}})", out);
  }

  ReportRow report_;
  Arrays arrays_;
  std::mt19937_64 random_;
  GeneratedReport out_;
};

}  // namespace

GeneratedReport generate_report(ReportKind kind, std::uint64_t seed, Arrays arrays, std::uint64_t users,
                                std::uint64_t days) {
  return Generator(kind, seed, arrays).generate(users, days);
}

}  // namespace ghstats::copilot::testing
