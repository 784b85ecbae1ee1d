#include "app/copilot_desk.h"

#include <algorithm>
#include <utility>

#include "base/folded.h"
#include "copilot/breakdown.h"
#include "copilot/redo_report.h"
#include "copilot/report_planner.h"

namespace ghstats::app {
namespace {

using async::Task;
using copilot::ReportKind;
using copilot::ReportTarget;
using work::Outcome;

copilot::UserLabel user_label_of(config::UserLabelMode mode) {
  switch (mode) {
    case config::UserLabelMode::kLogin:
      return copilot::UserLabel::kLogin;
    case config::UserLabelMode::kId:
      return copilot::UserLabel::kId;
    case config::UserLabelMode::kHashed:
      return copilot::UserLabel::kHashed;
    case config::UserLabelMode::kNone:
      return copilot::UserLabel::kNone;
  }
  std::unreachable();
}

copilot::ReportSettings settings_of(const config::Config& config) {
  const config::Copilot& copilot = config.copilot;
  copilot::ReportSettings settings;
  copilot::ReportOptions& options = settings.options;
  for (const auto& [is_on, label] : {std::pair{copilot.include_breakdown_ide, copilot::kIde},
                                     {copilot.include_breakdown_feature, copilot::kFeature},
                                     {copilot.include_breakdown_language, copilot::kLanguage},
                                     {copilot.include_breakdown_model, copilot::kModel}}) {
    if (is_on) options.breakdowns |= label;
  }
  options.pull_requests = copilot.include_pull_request_activity;
  options.day_label = copilot.emit_day_label;
  options.user_label = user_label_of(copilot.user_label_mode);
  options.hash_key = copilot.user_hash_key.reveal();
  options.max_records = static_cast<std::uint64_t>(copilot.max_records_per_report);
  options.max_users = static_cast<std::uint64_t>(copilot.max_users_per_report);
  options.max_series = static_cast<std::size_t>(config.store.max_series_budget);
  settings.interval = copilot.scrape_interval;
  settings.refresh_unchanged = copilot.refresh_if_report_unchanged;
  return settings;
}

std::vector<ReportTarget> targets_of(const config::Copilot& copilot,
                                     const std::vector<std::unique_ptr<Organisation>>& organisations,
                                     GitHubDoor* enterprise) {
  std::vector<ReportTarget> targets;
  for (const auto& organisation : organisations) {
    const std::string& name = organisation->name();
    if (copilot.include_org_28d) targets.push_back({ReportKind::kOrg28Days, name, &organisation->api()});
    if (copilot.include_org_users_28d) targets.push_back({ReportKind::kOrgUsers28Days, name, &organisation->api()});
  }
  if (enterprise == nullptr) return targets;
  const std::string& slug = copilot.enterprise.slug;
  if (copilot.include_enterprise_28d) targets.push_back({ReportKind::kEnterprise28Days, slug, &enterprise->api()});
  if (copilot.include_enterprise_users_28d) {
    targets.push_back({ReportKind::kEnterpriseUsers28Days, slug, &enterprise->api()});
  }
  return targets;
}

// Binds everything that does not differ from report to report.
copilot::Fetch fetch_of(const CopilotDeskEnvironment& environment, const config::Config& config,
                        copilot::ReportOptions options) {
  auto hosts =
      std::make_shared<copilot::ReportHosts>(config.copilot.report_hosts_allowlist, config.github.api_base_url);
  copilot::FetchEnvironment fetch{.client = &environment.door.client,
                                  .retry = retry_environment(config.retry),
                                  .request_timeout = config.copilot.request_timeout,
                                  .download_timeout = config.copilot.download_timeout};
  return [hosts = std::move(hosts), fetch = std::move(fetch), options = std::move(options),
          &recorder = environment.recorder](github::Api& api, copilot::ReportQuestion question) {
    copilot::FetchEnvironment bound = fetch;
    bound.api = &api;
    bound.hosts = hosts.get();
    bound.on_download = [&recorder, scope = std::string(copilot::row(question.kind).scope)](auto result) {
      recorder.add(metrics::Family::kCopilotReportDownloads, {scope, std::string(to_string(result))});
    };
    return copilot::fetch_report(std::move(bound), std::move(question), options);
  };
}

void warn_of_unserved(const log::Logger& logger, copilot::LabelSet switched_on) {
  for (const copilot::LabelRow& label : copilot::kLabelRows) {
    if ((copilot::unserved(switched_on) & label.bit) == 0) continue;
    logger.warn("a breakdown has no effect beside the others: see docs/copilot.md", {{"key", label.key}});
  }
}

bool is_same(const std::string& one, const std::string& other) {
  return folded(one) == folded(other);
}

}  // namespace

CopilotDesk::CopilotDesk(const CopilotDeskEnvironment& environment, const config::Config& config,
                         std::unique_ptr<GitHubDoor> enterprise)
    : store_returned_(environment.store_returned),
      recorder_(environment.recorder),
      clock_(environment.clock),
      health_(environment.health),
      logger_(environment.logger),
      wait_(environment.wait),
      enterprise_(std::move(enterprise)),
      enterprise_slug_(config.copilot.enterprise.slug),
      settings_(settings_of(config)),
      fetch_(fetch_of(environment, config, settings_.options)) {
  if (config.copilot.enabled) targets_ = targets_of(config.copilot, environment.organisations, enterprise_.get());
}

Result<std::unique_ptr<CopilotDesk>> CopilotDesk::make(CopilotDeskEnvironment environment,
                                                       const config::Config& config) {
  std::unique_ptr<GitHubDoor> enterprise;
  const config::Copilot& copilot = config.copilot;
  if (copilot.enabled && copilot.enterprise.enabled) {
    auto door = GitHubDoor::of_enterprise(environment.door, config);
    if (!door) return fail(std::move(door).error());
    enterprise = *std::move(door);
  }
  return std::unique_ptr<CopilotDesk>(new CopilotDesk(environment, config, std::move(enterprise)));
}

copilot::CollectEnvironment CopilotDesk::collect_environment(store::MetricStore& store) const {
  return {.fetch = fetch_, .store = store, .recorder = recorder_, .clock = clock_, .logger = logger_};
}

Task<> CopilotDesk::lead(store::MetricStore& store, store::Authority authority, const activity::CooldownFsm& cooldown,
                         RedoLater redo_later) const {
  copilot::PlannerEnvironment environment{
      .collect = collect_environment(store),
      .store_returned = store_returned_,
      .redo_later = std::move(redo_later),
      .on_run = [this](const ReportTarget& target, const copilot::ReportRun& run) { tell_health(target, run); },
      .paused_until =
          [this, &cooldown](const std::string& owner) { return cooldown.paused_until(owner, clock_.steady_now()); },
      .wait = wait_};
  if (!targets_.empty()) warn_of_unserved(logger_, settings_.options.breakdowns);
  co_await copilot::run_reports(std::move(environment), authority, settings_, targets_);
}

void CopilotDesk::tell_health(const ReportTarget& target, const copilot::ReportRun& run) const {
  using copilot::FetchStep;
  if (run.error && !run.step) return;  // of the store
  const copilot::ReportRow& report = copilot::row(target.kind);
  const std::string which = std::string(report.owner) + " " + target.owner + " " + std::string(report.name);
  const Status outcome = run.error ? Status{fail(*run.error)} : Status{};
  const bool has_links = !run.error || run.step != FetchStep::kLinks;
  health_.copilot_judged(report.dependency, which, has_links ? Status{} : outcome);
  const bool downloaded = run.result == copilot::RunResult::kSuccess || (run.error && has_links);
  if (downloaded) health_.copilot_judged("github_copilot_report_download", which, outcome);
}

Task<Result<Outcome>> CopilotDesk::redo(const backfill::Job& job, store::MetricStore& store,
                                        store::Authority authority) const {
  const auto kind = copilot::report_of(job.copilot);
  if (!kind) {
    co_return fail(ErrorCode::kInvalidArgument,
                   "GitHub has no report '" + job.copilot.report_type + "' of scope '" + job.copilot.scope + "'");
  }
  const auto target = std::ranges::find_if(targets_, [&](const ReportTarget& candidate) {
    return candidate.kind == *kind && is_same(candidate.owner, job.org);
  });
  if (target == targets_.end()) co_return Outcome::kGone;
  const copilot::CollectEnvironment environment = collect_environment(store);
  co_return co_await copilot::redo_report(environment, authority, settings_, *target, job.copilot);
}

bool CopilotDesk::knows(const std::string& owner) const {
  return enterprise_ && is_same(owner, enterprise_slug_);
}

std::optional<std::chrono::nanoseconds> CopilotDesk::limit() const {
  return enterprise_ ? enterprise_->limit() : std::nullopt;
}

Task<> CopilotDesk::stop() {
  if (enterprise_) co_await enterprise_->stop();
}

}  // namespace ghstats::app
