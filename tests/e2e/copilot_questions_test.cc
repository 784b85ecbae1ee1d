// The questions of docs/copilot.md, asked of a real Prometheus and answered from the simulator's truth.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>

#include "copilot/questions.h"
#include "harness/copilot_world.h"
#include "harness/prometheus.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr const char* kGenerations = "code_generation_activity_count";
constexpr const char* kAcceptances = "code_acceptance_activity_count";

double number(const json::value& counters, const char* field) {
  return counters.at(field).to_number<double>();
}

// By the labels of an array's rows, in this order.
std::map<std::vector<std::string>, double> sums(const json::value& rows, const std::vector<const char*>& labels,
                                                const char* field) {
  std::map<std::vector<std::string>, double> out;
  for (const auto& told : rows.as_array()) {
    std::vector<std::string> key;
    for (const char* label : labels) key.emplace_back(told.at(label).as_string());
    out[key] += number(told, field);
  }
  return out;
}

class CopilotQuestions : public CopilotWorld {
 protected:
  void SetUp() override {
    if (!prometheus_program("prometheus")) GTEST_SKIP() << "prometheus is missing: './dev setup' gets it";
    reports.set_up(R"({"owner":"acme","users":25,"lines_per_user":17})");
    start(
        config("include_org_users_28d: true, emit_day_label: true, include_breakdown_language: true, "
               "include_breakdown_model: true"));
    ASSERT_EQ(wrong_after_all({.report = "users-28-day"}, {{"scope", "users"}}, false), "");
    ASSERT_EQ(wrong_after_all({.report = "organization-28-day"}, {{"scope", "org"}}), "");
    prometheus = std::make_unique<Prometheus>(folder.path(), exporter->url().substr(exporter->url().find("//") + 2));
    const double series = static_cast<double>(copilot_series(exporter->samples()));
    ASSERT_TRUE(eventually(30s, [&] {
      const auto known = prometheus->query(R"(count({__name__=~"gh_copilot_usage_.*"}))");
      return !known.empty() && known.begin()->second == series;
    }));
    truth = reports.truth({.report = "organization-28-day"});
  }

  [[nodiscard]] Samples answer(const copilot::Question& question) const {
    return prometheus->query(std::string(question.promql));
  }

  std::unique_ptr<Prometheus> prometheus;
  json::object truth;
};

TEST_F(CopilotQuestions, HaveTheRightAnswers) {
  const auto& totals = truth.at("totals");
  EXPECT_EQ(answer(copilot::kAcceptanceRate),
            (Samples{{R"({org="acme"})", number(totals, kAcceptances) / number(totals, kGenerations)}}));
  EXPECT_EQ(
      answer(copilot::kAcceptedLines),
      (Samples{{R"({org="acme"})", number(totals, "loc_added_sum") / number(totals, "loc_suggested_to_add_sum")}}));

  // Everybody has a line on 17 of the days, with at least one interaction or without.
  const auto users = reports.truth({.report = "users-28-day"}, {}, "&by_day=true&by_user=true");
  Samples active;
  for (const auto& day : users.at("by_day").as_array()) {
    const std::string name(day.at("day").as_string());
    const auto of_day = reports.truth({.report = "users-1-day"}, name, "&by_user=true");
    double count = 0;
    for (const auto& user : of_day.at("by_user").as_array()) {
      if (number(user, "user_initiated_interaction_count") > 0) ++count;
    }
    if (count > 0) active[R"({day=")" + name + R"(",org="acme"})"] = count;
  }
  EXPECT_EQ(answer(copilot::kActiveUsers), active);
  EXPECT_GT(active.size(), 20U);
}

TEST_F(CopilotQuestions, TellLanguagesAndModelsApart) {
  const auto& rows = truth.at("rows");
  const auto generated = sums(rows.at("totals_by_language_feature"), {"language"}, kGenerations);
  const auto accepted = sums(rows.at("totals_by_language_feature"), {"language"}, kAcceptances);
  Samples rates;
  for (const auto& [language, sum] : generated) {
    if (sum > 0) rates[R"({language=")" + language[0] + R"("})"] = accepted.at(language) / sum;
  }
  EXPECT_EQ(answer(copilot::kAcceptanceRateByLanguage), rates);
  EXPECT_GT(rates.size(), 3U);

  // The twenty with the most, those that no model or language is told of among them.
  Samples by_both;
  for (const auto& [key, sum] : sums(rows.at("totals_by_language_model"), {"language", "model"}, kGenerations)) {
    by_both[R"({language=")" + key[0] + R"(",model=")" + key[1] + R"("})"] = sum;
  }
  const Samples told = answer(copilot::kCodeByLanguageAndModel);
  std::size_t compared = 0;
  for (const auto& [series, value] : told) {
    if (series.find("model=") == std::string::npos) continue;
    ++compared;
    EXPECT_EQ(value, by_both.at(series)) << series;
  }
  EXPECT_GT(compared, 3U);
}

}  // namespace
}  // namespace ghstats::harness
