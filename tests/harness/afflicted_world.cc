#include "harness/afflicted_world.h"

#include <algorithm>
#include <boost/json.hpp>

#include "harness/comparison.h"

namespace ghstats::harness {
namespace {

constexpr int kFirstInstallation = 1000;
const std::string kRequests = "gh_exporter_github_requests_total";
const std::string kSecondaryHits = "gh_exporter_github_secondary_limit_hits_total";
const std::vector<std::string> kRepositories = {"alpha", "beta"};

std::vector<std::string> orgs_of(const std::vector<Fault>& faults) {
  std::vector<std::string> out;
  for (const Fault& fault : faults) out.push_back(fault.name);
  out.emplace_back(AfflictedWorld::kCalm);
  return out;
}

std::vector<std::string> simulator_options(const std::vector<std::string>& orgs, std::vector<std::string> more) {
  std::vector<std::string> out = {"--orgs",
                                  std::to_string(orgs.size()),
                                  "--installation-id",
                                  std::to_string(kFirstInstallation),
                                  "--stats-202",
                                  "0",
                                  "--rate-limit",
                                  "1000000"};
  for (const auto& org : orgs) out.insert(out.end(), {"--org", org});
  std::ranges::move(more, std::back_inserter(out));
  return out;
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

double jobs_of(const Samples& samples, const std::string& org, const std::string& reason) {
  Labels labels = {{"org", org}};
  if (!reason.empty()) labels.emplace_back("reason", reason);
  return sum_of(samples, "gh_exporter_backfill_jobs_enqueued_total", labels);
}

double runs_of(const Samples& samples, const std::string& org, const std::string& result) {
  return sum_of(samples, "gh_exporter_scrape_runs_total", {{"org", org}, {"result", result}});
}

// What has not happened yet of what must happen between `before` and `now` while this fault is in force.
std::string not_yet(const Fault& fault, const Place& place, const Samples& before, const Samples& now) {
  const Expectation expected = expectation(fault, place);
  std::string out;
  const auto expect_more = [&](const std::string& what, double then, double since) {
    if (since <= then) out += fault.name + ": no " + what + "\n";
  };
  const Labels requests = {{"org", fault.name}, {"endpoint", place.endpoint}, {"status_class", fault.status_class}};
  expect_more("request of class " + fault.status_class, sum_of(before, kRequests, requests),
              sum_of(now, kRequests, requests));
  if (fault.limit == Limit::kSecondary) {
    const Labels hits = {{"org", fault.name}};
    expect_more("secondary limit hit", sum_of(before, kSecondaryHits, hits), sum_of(now, kSecondaryHits, hits));
  }
  double results_then = 0;
  double results_since = 0;
  for (const auto& result : expected.results) {
    results_then += runs_of(before, fault.name, result);
    results_since += runs_of(now, fault.name, result);
  }
  expect_more("cycle with result " + expected.results.front(), results_then, results_since);
  if (!expected.reason.empty()) {
    expect_more("job for " + expected.reason, jobs_of(before, fault.name, expected.reason),
                jobs_of(now, fault.name, expected.reason));
  }
  return out;
}

// What has happened although it must not.
std::string must_not(const Fault& fault, const Place& place, const Samples& before, const Samples& now) {
  const Expectation expected = expectation(fault, place);
  std::string out;
  for (const std::string result : {"partial", "failure", "skipped_unhealthy"}) {
    if (std::ranges::find(expected.results, result) != expected.results.end()) continue;
    if (runs_of(now, fault.name, result) > runs_of(before, fault.name, result)) {
      out += fault.name + ": a cycle with result " + result + "\n";
    }
  }
  if (expected.reason.empty() && jobs_of(now, fault.name, "") > jobs_of(before, fault.name, "")) {
    out += fault.name + ": jobs\n";
  }
  return out;
}

}  // namespace

AfflictedWorld::AfflictedWorld(std::vector<Fault> faults, Options options)
    : faults_(std::move(faults)),
      orgs_(orgs_of(faults_)),
      options_(std::move(options)),
      simulator_(folder_.path(), simulator_options(orgs_, options_.simulator)) {
  boost::json::array list;
  for (const auto& org : orgs_) {
    for (const auto& name : kRepositories) list.push_back({{"type", "add_repository"}, {"org", org}, {"name", name}});
  }
  simulator_.perform(boost::json::serialize(list));
  work();
}

void AfflictedWorld::start() {
  exporter_.reset();
  exporter_.emplace(folder_.path(), Exporter::Options{.config = config_for(
                                                          simulator_, orgs_,
                                                          "rate_limit: {min_reset_buffer: 100ms}\n"
                                                          "backfill: {requeue_delays: [200ms], max_attempts: 100}\n" +
                                                              options_.config,
                                                          "request_timeout: 1s\n  unhealthy_failure_threshold: 1000000",
                                                          "max_attempts: 2", options_.scrape_interval)});
}

void AfflictedWorld::work() {
  std::vector<std::string> repositories;
  for (const auto& org : orgs_) {
    for (const auto& name : kRepositories) repositories.push_back(org + "/" + name);
  }
  simulator_.work(repositories, ++round_);
}

void AfflictedWorld::perform_everywhere(const std::string& activity) {
  std::string list;
  for (const auto& org : orgs_) {
    for (const auto& name : kRepositories) {
      std::string one = activity;
      replace_all(one, "{repo}", org + "/" + name);
      list += (list.empty() ? "[" : ",") + one;
    }
  }
  simulator_.perform(list + "]");
}

std::string AfflictedWorld::filled_in(std::string text, const std::string& org) const {
  const auto place = std::ranges::find(orgs_, org) - orgs_.begin();
  replace_all(text, "{org}", org);
  replace_all(text, "{installation}", std::to_string(kFirstInstallation + place));
  replace_all(text, "{url}", simulator_.url());
  return text;
}

void AfflictedWorld::inflict(const Place& place) {
  for (const Fault& fault : faults_) inflict(fault, place, fault.name);
}

void AfflictedWorld::inflict(const Fault& fault, const Place& place, const std::string& org) {
  const std::string times = fault.times > 0 ? "\"times\":" + std::to_string(fault.times) + "," : "";
  simulator_.add_faults("[{" + times + R"("match":{"path_regex":")" + filled_in(place.path, org) + R"("},"action":)" +
                        filled_in(fault.action, org) + "}]");
}

AfflictedWorld::View AfflictedWorld::look() const {
  const auto now = std::chrono::system_clock::now();
  const auto samples = exporter_->samples();
  auto page = options_.truth.empty() ? activity(samples, now) : activity_and_lines(samples, now);
  return {std::move(page), simulator_.truth(now, options_.truth)};
}

std::string AfflictedWorld::of(const View& view, const std::string& org, const std::string& repository) {
  return differences(of_repository(view.page, org + "/" + repository),
                     of_repository(view.truth, org + "/" + repository));
}

std::string AfflictedWorld::of(const View& view, const std::string& org) {
  return of(view, org, "alpha") + of(view, org, "beta");
}

std::string AfflictedWorld::difference() const {
  const View view = look();
  return differences(view.page, view.truth);
}

std::string AfflictedWorld::difference(const std::function<bool(const Fault&)>& concerns) const {
  const View view = look();
  std::string out = of(view, kCalm);
  for (const Fault& fault : faults_) {
    if (concerns(fault)) out += of(view, fault.name);
  }
  return out;
}

std::string AfflictedWorld::wrong_counters(std::chrono::seconds limit, const Place& place,
                                           const Samples& before) const {
  std::string out = complaints_after(limit, [&] {
    const Samples now = samples();
    std::string missing;
    for (const Fault& fault : faults_) missing += not_yet(fault, place, before, now);
    return missing;
  });
  const Samples now = samples();
  for (const Fault& fault : faults_) out += must_not(fault, place, before, now);
  return out;
}

std::string AfflictedWorld::others_that_suffer(const Place& place) const {
  const View view = look();
  std::string out = of(view, kCalm);
  for (const Fault& fault : faults_) {
    if (expectation(fault, place).others_exact) out += of(view, fault.name, "beta");
  }
  return out;
}

std::string AfflictedWorld::faults_that_do_not_hurt(const Place& place) const {
  const View view = look();
  std::string out;
  for (const Fault& fault : faults_) {
    const bool hurts = fault.times == 0 && expectation(fault, place).effect != Effect::kServed;
    if (hurts && of(view, fault.name, "alpha").empty()) out += fault.name + "\n";
  }
  return out;
}

}  // namespace ghstats::harness
