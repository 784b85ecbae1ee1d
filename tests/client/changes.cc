#include "client/changes.h"

#include <fmt/format.h>

#include <algorithm>

#include "activity/changes/heads_diff.h"
#include "base/time_format.h"
#include "github/rest/list_org_repositories.h"

namespace ghstats::client {

using activity::AskPart;
using activity::Aspect;

void Changes::add(EventLines& lines, const std::vector<ledger::Event>& events) {
  for (const ledger::Event& event : events) {
    lines[std::string(kinds::to_string(event.kind))].insert(
        fmt::format("{} {} of {} at {}", to_number(event.repo), event.id, event.user, format_rfc3339(event.at)));
  }
}

std::string Changes::difference(const EventLines& left, const EventLines& right) {
  std::string out;
  for (const kinds::KindRow& row : kinds::kKindRows) {
    const auto lines = [&](const EventLines& of) {
      const auto found = of.find(std::string(row.name));
      return found == of.end() ? Lines{} : found->second;
    };
    const std::string differs = client::difference(lines(left), lines(right));
    if (!differs.empty()) out += std::string(row.name) + ":\n" + differs;
  }
  return out;
}

EventLines Changes::swept() {
  EventLines lines;
  const auto listed = told(github::list_org_repositories(*rest_));
  const activity::SweepSettings settings{.events = events_, .windows = {}, .families = policy().families};
  for (const github::Repository& repository : listed.items) {
    auto harvest = run(activity::sweep_repository(
        *rest_, settings,
        {.org = "acme", .repository = repository, .listed_at = listed.served_at, .families = settings.families}));
    EXPECT_TRUE(harvest.misses.empty()) << harvest.misses.front().error.message;
    // Of commits the sweep asks for somewhat more, so that its URL stays the same.
    std::erase_if(harvest.batch.events, [&](const ledger::Event& event) {
      return event.kind == ledger::EventKind::kCommit && event.at < oldest();
    });
    add(lines, harvest.batch.events);
  }
  return lines;
}

std::vector<activity::RepositoryAsk> Changes::everything() {
  return activity::diff_for_reconcile(
             {}, heads(), {}, {.owner = "acme", .now = clock_.now(), .latest_credible = clock_.now(), .windows = {}})
      .asks;
}

std::vector<ErrorCode> Changes::Asked::codes(Aspect aspect) const {
  std::vector<ErrorCode> out;
  for (const auto& refused : end.refused) {
    if (refused.aspect == aspect) out.push_back(refused.error.code);
  }
  return out;
}

Changes::Asked Changes::ask(std::vector<activity::RepositoryAsk> asks, activity::ToldPolicy policy,
                            std::size_t concurrency) {
  return ask(std::move(asks), std::move(policy), concurrency, [](const AskPart&) { return true; });
}

Changes::Asked Changes::ask(std::vector<activity::RepositoryAsk> asks, activity::ToldPolicy policy,
                            std::size_t concurrency, std::function<bool(const AskPart&)> go_on) {
  Asked out;
  bool busy = false;
  const auto take = [&](AskPart part) -> async::Task<bool> {
    EXPECT_FALSE(busy) << "two parts at once";
    busy = true;
    co_await async::yield();
    ++out.parts;
    const bool goes_on = go_on(part);
    if (goes_on) {
      add(out.lines, part.events);
      out.finished.insert(out.finished.end(), part.finished.begin(), part.finished.end());
    }
    busy = false;
    co_return goes_on;
  };
  out.end = run(activity::ask_repositories(*graphql_, {.told = std::move(policy), .concurrency = concurrency},
                                           std::move(asks), take));
  return out;
}

std::string Changes::crowd() {
  const auto name = heads().front().repository.full_name;
  const std::string where = R"("repo":")" + name + '"';
  const auto opened = happens("[{\"type\":\"pull_request\"," + where + R"(,"author":"opener"},{"type":"issue",)" +
                              where + R"(,"author":"opener"}])");
  const auto number = [&](std::size_t at) {
    return where + ",\"number\":" + std::to_string(opened.at(at).at("number").as_int64());
  };
  const std::string pull = number(0);
  const auto reviewed = happens("{\"type\":\"review\"," + pull + R"(,"author":"critic","state":"COMMENTED"})");
  const auto review = std::to_string(reviewed.at(0).at("id").to_number<std::int64_t>());
  happens_often(30, "{\"type\":\"review_comment\"," + pull + ",\"review\":" + review + R"(,"author":"critic"})");
  happens_often(130, "{\"type\":\"review\"," + pull + R"(,"author":"critic","state":"APPROVED"})");
  happens_often(130, "{\"type\":\"comment\"," + pull + R"(,"author":"critic"})");
  happens_often(30, "{\"type\":\"comment\"," + number(1) + R"(,"author":"critic"})");
  happens_often(230, "{\"type\":\"commit\"," + where + R"(,"author":"pusher"})");
  return name;
}

}  // namespace ghstats::client
