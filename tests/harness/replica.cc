#include "harness/replica.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>
#include <utility>

#include "harness/http.h"
#include "metrics/catalogue.h"

namespace ghstats::harness {

using namespace std::chrono_literals;

namespace {

// Histogram parts are counters, too.
bool is_shared_counter(std::string_view series) {
  const std::string_view name = series.substr(0, series.find('{'));
  if (!name.starts_with("gh_exporter_")) return false;
  return name.ends_with("_total") || name.ends_with("_bucket") || name.ends_with("_count") || name.ends_with("_sum");
}

}  // namespace

Replica::Replica(std::string role, std::string config, TimePoint now, Own own)
    : role_(std::move(role)), config_(std::move(config)), own_(std::move(own)), now_(now) {
  start();
}

void Replica::start() {
  auto environment = own_.environment;
  environment["GITHUB_STATS_INITIAL_ROLE"] = role_;
  exporter_ = std::make_unique<Exporter>(
      folder_.path(),
      Exporter::Options{.config = config_, .clock = now_, .environment = environment, .host_name = own_.host_name});
}

void Replica::kill() {
  exporter_->process().signal(SIGKILL);
  exporter_->process().wait(10s);
}

std::optional<int> Replica::stop() {
  exporter_->process().signal(SIGTERM);
  return exporter_->process().wait(20s);
}

void Replica::set_clock(TimePoint now) {
  now_ = now;
  exporter_->set_clock(now);
}

Samples Replica::look() {
  Samples samples = exporter_->samples();
  for (const auto& [series, value] : samples) {
    if (!is_shared_counter(series)) continue;
    double& highest = counted_[series];
    EXPECT_GE(value, highest) << name() << ": " << series;
    highest = std::max(highest, value);
  }
  return samples;
}

double Replica::value(const std::string& begin) {
  const Samples samples = look();
  const auto at = samples.lower_bound(begin);
  return at != samples.end() && at->first.starts_with(begin) ? at->second : -1;
}

int Replica::status(const std::string& path) const {
  return get(exporter_->url() + path).status;
}

std::string Replica::healthz(const std::string& field) const {
  const auto document = boost::json::parse(get(exporter_->url() + "/healthz").body);
  return std::string(document.at(field).as_string());
}

std::string Replica::mode() const {
  return healthz("mode");
}

std::string Replica::role() const {
  return healthz("role");
}

std::string Replica::details_of(const std::string& component) const {
  const auto document = boost::json::parse(get(exporter_->url() + "/healthz?full=1").body);
  return boost::json::serialize(document.at("details").at(component));
}

Samples shared_series(const Samples& samples) {
  std::set<std::string, std::less<>> own;
  for (const metrics::FamilyInfo& family : metrics::catalogue()) {
    if (family.scope == metrics::Scope::kReplica) own.emplace(family.name);
  }
  Samples out;
  for (const auto& sample : samples) {
    if (!own.contains(std::string_view(sample.first).substr(0, sample.first.find('{')))) out.insert(sample);
  }
  return out;
}

}  // namespace ghstats::harness
