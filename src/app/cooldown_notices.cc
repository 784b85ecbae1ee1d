#include "app/cooldown_notices.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <sstream>
#include <utility>

#include "base/folded.h"

namespace ghstats::app {
namespace {

using async::Task;
using Known = activity::CooldownFsm::Known;

// How long what is known is worth knowing. Each notice begins with it, so that what is left of it tells its age.
constexpr std::chrono::hours kWorthKnowing{24};
constexpr int kFormat = 1;

std::string known_name(const std::string& org) {
  return org.empty() ? "github" : "github/" + folded(org);
}

std::int64_t milliseconds(std::chrono::nanoseconds d) {
  return std::chrono::ceil<std::chrono::milliseconds>(d).count();
}

// "1 6 0 12000": format, failures, successes, what is left of the pause; "-" when healthy.
std::string to_text(const Known& known) {
  const std::string pause = known.pause_left ? fmt::to_string(milliseconds(*known.pause_left)) : "-";
  return fmt::format("{} {} {} {}", kFormat, known.failures, known.successes, pause);
}

// Absent: of another format, or damaged.
std::optional<Known> from_text(const std::string& text, std::chrono::nanoseconds age) {
  std::istringstream in(text);
  int format = 0;
  Known known;
  std::string pause;
  if (!(in >> format >> known.failures >> known.successes >> pause)) return std::nullopt;
  if (format != kFormat || known.failures < 0 || known.successes < 0) return std::nullopt;
  if (pause == "-") return known;
  std::int64_t left = 0;
  const auto [end, error] = std::from_chars(pause.data(), pause.data() + pause.size(), left);
  if (error != std::errc{} || end != pause.data() + pause.size()) return std::nullopt;
  known.pause_left = std::chrono::milliseconds{left} - age;
  return known;
}

}  // namespace

std::string cooldown_bar(const std::string& org) {
  return "cooldown/" + folded(org);
}

Task<> CooldownNotices::recall(activity::CooldownFsm& cooldown) {
  std::map<std::string, std::string> org_of = {{known_name({}), {}}};
  std::vector<std::string> names = {known_name({})};
  for (const std::string& org : orgs_) {
    names.push_back(known_name(org));
    org_of[names.back()] = org;
  }
  const auto notices = co_await store_.announced(std::move(names));
  if (!notices) {
    logger_.debug("what the leader before knew of GitHub is not known", {{"error", notices.error().message}});
    co_return;
  }
  for (const store::Notice& notice : *notices) {
    auto known = from_text(notice.text, kWorthKnowing - notice.left);
    if (!known) continue;
    known->org = org_of[notice.name];
    if (known->failures == 0 && !known->pause_left) continue;
    cooldown.recall(*known, clock_.steady_now());
    logger_.info("going on with what the leader before knew of GitHub",
                 {{"org", known->org}, {"failures", known->failures}, {"healthy", !known->pause_left.has_value()}});
  }
}

Task<> CooldownNotices::tell(const activity::CooldownFsm& cooldown) {
  const SteadyPoint now = clock_.steady_now();
  std::vector<std::pair<store::Notice, std::string>> news;
  for (const std::string& org : orgs_) {
    const auto until = cooldown.paused_until(org, now);
    if (!until) continue;
    news.push_back(
        {{cooldown_bar(org), *until - now, "too many failures"}, fmt::to_string(until->time_since_epoch().count())});
  }
  for (const Known& known : cooldown.known(now)) {
    const auto ends = known.pause_left ? (now + *known.pause_left).time_since_epoch().count() : 0;
    news.push_back({{known_name(known.org), kWorthKnowing, to_text(known)},
                    fmt::format("{} {} {}", known.failures, known.successes, ends)});
  }
  for (auto& [notice, state] : news) {
    std::string& told = told_[notice.name];
    if (told == state) continue;
    const bool done = co_await announce(std::move(notice));
    if (done) told = state;
  }
}

Task<bool> CooldownNotices::announce(store::Notice notice) {
  const Status told = co_await store_.announce(std::move(notice));
  if (!told) logger_.debug("others were not told of GitHub's health", {{"error", told.error().message}});
  co_return told.has_value();
}

}  // namespace ghstats::app
