#include "sim/copilot/truth.h"

#include <boost/json.hpp>
#include <map>

#include "sim/copilot/aggregate.h"

namespace ghstats::sim::copilot {
namespace {

namespace json = boost::json;

using PullRequests = std::map<std::string, std::int64_t>;

// What one record tells, or many.
struct Count {
  Counters top{};
  Arrays arrays;
  PullRequests pull_requests;
};

Counters read_counters(const json::object& record) {
  Counters counters{};
  for (std::size_t i = 0; i < counters.size(); ++i) {
    if (const auto* const value = record.if_contains(kCounterNames[i])) counters[i] = value->to_number<std::int64_t>();
  }
  return counters;
}

void count_record(const json::object& record, Count& count) {
  add(count.top, read_counters(record));
  for (std::size_t i = 0; i < kArrays.size(); ++i) {
    const auto& shape = kArrays[i];
    for (const auto& value : record.at(shape.name).as_array()) {
      const auto& row = value.as_object();
      const auto second = shape.second.empty() ? json::string() : row.at(shape.second).as_string();
      add(count.arrays[i][{std::string(row.at(shape.first).as_string()), std::string(second)}], read_counters(row));
    }
  }
  if (const auto* const pull_requests = record.if_contains("pull_requests")) {
    for (const auto& [name, value] : pull_requests->as_object()) {
      if (value.is_int64()) count.pull_requests[std::string(name)] += value.as_int64();
    }
  }
}

void put_counters(const Counters& counters, json::object& out, bool interactions = true) {
  for (std::size_t i = interactions ? 0 : 1; i < counters.size(); ++i) out[kCounterNames[i]] = counters[i];
}

json::object render(const PullRequests& pull_requests) {
  json::object out;
  for (const auto& [name, value] : pull_requests) out[name] = value;
  return out;
}

json::object render(const Arrays& arrays) {
  json::object out;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    json::array rows;
    for (const auto& [labels, counters] : arrays[i]) {
      json::object row{{kArrays[i].first, labels.first}};
      if (!kArrays[i].second.empty()) row[kArrays[i].second] = labels.second;
      put_counters(counters, row, kArrays[i].interactions);
      rows.push_back(std::move(row));
    }
    out[kArrays[i].name] = std::move(rows);
  }
  return out;
}

json::array render(const std::map<std::string, Count>& days) {
  json::array out;
  for (const auto& [day, count] : days) {
    json::object row{{"day", day}, {"pull_requests", render(count.pull_requests)}};
    put_counters(count.top, row);
    out.push_back(std::move(row));
  }
  return out;
}

json::object render(const Count& count, std::int64_t lines, std::int64_t users) {
  json::object totals;
  put_counters(count.top, totals);
  return {{"lines", lines},
          {"users", users},
          {"totals", std::move(totals)},
          {"pull_requests", render(count.pull_requests)},
          {"rows", render(count.arrays)}};
}

json::object truth_about_everybody(const Activity& activity, const Owner& owner, const TruthQuestion& question) {
  const auto line = json::parse(aggregate_line(activity, owner, question.report, question.end)).as_object();
  Count all;
  std::map<std::string, Count> days;
  const auto take = [&](const json::object& record) {
    count_record(record, all);
    count_record(record, days[std::string(record.at("day").as_string())]);
  };
  if (question.report.one_day) {
    take(line);
  } else {
    for (const auto& record : line.at("day_totals").as_array()) take(record.as_object());
  }
  auto truth = render(all, 1, 0);
  if (question.by_day) truth["by_day"] = render(days);
  return truth;
}

// The records of few hundred usages are read; that each line is one of them is what a test of UserLines shows.
json::object truth_about_users(const Activity& activity, const TruthQuestion& question) {
  std::vector<Count> usages(activity.usages().size());
  for (std::size_t i = 0; i < usages.size(); ++i) {
    count_record(json::parse('{' + activity.text(i).fields + '}').as_object(), usages[i]);
  }
  std::vector<std::int64_t> times(usages.size());
  std::map<Day, Counters> days;
  json::array by_user;
  std::int64_t lines = 0;
  std::int64_t users = 0;
  for (std::int64_t user = 0; user < activity.users(); ++user) {
    Counters sum{};
    std::int64_t own_lines = 0;
    for (auto day = first_day_of(question.report, activity.setup(), question.end); day <= question.end;
         day += std::chrono::days{1}) {
      if (!activity.has_line(user, day)) continue;
      const auto usage = activity.usage_of(user, day);
      ++own_lines;
      ++times[usage];
      add(sum, usages[usage].top);
      add(days[day], usages[usage].top);
    }
    lines += own_lines;
    users += own_lines > 0 ? 1 : 0;
    if (own_lines == 0 || !question.by_user) continue;
    json::object row{{"user_id", Activity::id(user)}, {"user_login", Activity::login(user)}, {"lines", own_lines}};
    put_counters(sum, row);
    by_user.push_back(std::move(row));
  }
  Count all;
  for (std::size_t i = 0; i < usages.size(); ++i) {
    add(all.top, usages[i].top, times[i]);
    if (times[i] > 0) add(all.arrays, usages[i].arrays, times[i]);
  }
  auto truth = render(all, lines, users);
  if (question.by_user) truth["by_user"] = std::move(by_user);
  if (question.by_day) {
    std::map<std::string, Count> named;
    for (const auto& [day, counters] : days) named[format_day(day)].top = counters;
    truth["by_day"] = render(named);
  }
  return truth;
}

}  // namespace

json::object tell_truth(const Activity& activity, const Owner& owner, const TruthQuestion& question) {
  return question.report.of_users ? truth_about_users(activity, question)
                                  : truth_about_everybody(activity, owner, question);
}

}  // namespace ghstats::sim::copilot
