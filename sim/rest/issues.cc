#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <tuple>
#include <unordered_map>

#include "sim/render/render.h"
#include "sim/rest/paging.h"
#include "sim/rest/rest.h"

namespace ghstats::sim {
namespace {

// An issue, or the issue that a pull request is, too.
struct Listed {
  std::uint64_t number = 0;
  TimePoint updated;
  TimePoint created;
  const Issue* issue = nullptr;
  const PullRequest* pull = nullptr;

  [[nodiscard]] bool open(TimePoint now) const { return issue != nullptr ? is_open(*issue, now) : is_open(*pull, now); }
};

std::vector<Listed> all_issues(const Call& call) {
  const auto& repository = *call.repository;
  std::vector<Listed> all;
  const auto add = [&](const auto& objects, const auto& updates, auto Listed::* object) {
    for (const auto& one : objects) {
      if (one.created_at > call.now) continue;
      all.push_back({.number = one.number, .updated = updates.at(one.number), .created = one.created_at});
      all.back().*object = &one;
    }
  };
  add(repository.issues, issues_updated_at(repository, call.now), &Listed::issue);
  add(repository.pulls, pulls_updated_at(repository, call.now), &Listed::pull);
  return all;
}

boost::json::value render(const Call& call, const Listed& listed) {
  const View view{call.now, call.api_base};
  if (listed.issue != nullptr) return render_issue(view, *call.repository, *listed.issue, listed.updated);
  return render_issue(view, *call.repository, *listed.pull, listed.updated);
}

}  // namespace

Reply list_issues(const Call& call) {
  const auto state = call.query.get_or("state", "open");
  if (state != "open" && state != "closed" && state != "all") return invalid_field("Issue", "state");
  const auto sort = call.query.get_or("sort", "created");
  if (sort != "created" && sort != "updated" && sort != "comments") return invalid_field("Issue", "sort");
  const auto since = call.query.time("since");
  if (!since) return invalid_field("Issue", "since");
  auto listed = all_issues(call);
  std::erase_if(listed, [&](const Listed& one) {
    if (state != "all" && (state == "open") != one.open(call.now)) return true;
    return *since && to_unix_seconds(one.updated) < to_unix_seconds(**since);
  });
  std::unordered_map<std::uint64_t, std::size_t> comments;
  for (const auto& comment : call.repository->comments) {
    if (comment.created_at <= call.now) ++comments[comment.issue_number];
  }
  const bool ascending = call.query.get_or("direction", "desc") == "asc";
  std::ranges::sort(listed, [&](const Listed& a, const Listed& b) {
    const auto key = [&](const Listed& one) {
      return std::tuple(sort == "comments" ? comments[one.number] : 0, sort == "updated" ? one.updated : one.created,
                        one.number);
    };
    return ascending ? key(a) < key(b) : key(b) < key(a);
  });
  return list_reply(call, listed, repository_path(*call.repository, "/issues"),
                    [&](const Listed& one) { return render(call, one); });
}

Reply get_issue(const Call& call) {
  const auto& text = call.parameters.back();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return not_found();
  const auto all = all_issues(call);
  const auto found = std::ranges::find(all, number, &Listed::number);
  return found == all.end() ? not_found() : json_reply(200, render(call, *found));
}

}  // namespace ghstats::sim
