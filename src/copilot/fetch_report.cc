#include "copilot/fetch_report.h"

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <utility>

#include "async/deadline.h"
#include "github/rest/get_copilot_report_links.h"

namespace ghstats::copilot {
namespace {

using Links = github::CopilotReportLinks;
using Outcome = std::expected<Fetched, FetchProblem>;

std::string name_of(const ReportQuestion& question) {
  const ReportRow& report = row(question.kind);
  std::string name = fmt::format("the report {} of {}", report.name, question.owner);
  if (report.one_day) name += " for " + question.day;
  return name;
}

bool is_cancelled(const Error& error) {
  return error.code == ErrorCode::kCancelled;
}

std::unexpected<FetchProblem> problem_of_links(Error error) {
  const bool is_final = error.code == ErrorCode::kNotFound || error.code == ErrorCode::kPermissionDenied;
  return std::unexpected(FetchProblem{.step = FetchStep::kLinks, .error = std::move(error), .is_final = is_final});
}

// One call of fetch_report().
class Fetch {
 public:
  Fetch(FetchEnvironment environment, ReportQuestion question, ReportOptions options)
      : environment_(std::move(environment)),
        question_(std::move(question)),
        options_(std::move(options)),
        name_(name_of(question_)) {}

  async::Task<Outcome> run();

 private:
  // What trying again does not change. Everything else is an Error, for the retry loop to judge.
  struct Verdict {
    Outcome outcome;
  };

  async::Task<Result<std::optional<Links>>> ask_for_links();
  async::Task<Result<Verdict>> try_again_and_again();
  async::Task<Result<Verdict>> attempt();
  async::Task<Downloaded> download_all(ReportReader& reader);
  Outcome add_up(const ReportReader& reader) const;
  void count(DownloadResult result) const;
  [[nodiscard]] Error located(const Error& error) const;
  [[nodiscard]] FetchProblem problem_of_downloads(Error error) const;

  const FetchEnvironment environment_;
  const ReportQuestion question_;
  const ReportOptions options_;
  const std::string name_;
  Links links_;
  bool links_are_new_ = false;  // one had expired
  std::size_t file_ = 0;        // that is being read
  bool is_downloading_ = false;
  int attempts_ = 0;
  bool was_cut_ = false;           // cancelled before it ended, by the deadline or the caller
  std::optional<Error> obstacle_;  // why the attempt before this one failed
};

async::Task<Outcome> Fetch::run() {
  auto links = co_await ask_for_links();
  if (!links) co_return problem_of_links(std::move(links).error());
  if (!*links) co_return NoReport{};
  links_ = **std::move(links);
  if (!question_.last_day.empty() && links_.last_day == question_.last_day) co_return UnchangedReport{};

  const std::function<async::Task<Result<Verdict>>()> all = [this] { return try_again_and_again(); };
  auto verdict = co_await async::with_deadline<Verdict>(all, environment_.download_timeout);
  if (verdict) co_return std::move(verdict->outcome);
  co_return std::unexpected(problem_of_downloads(std::move(verdict).error()));
}

async::Task<Result<std::optional<Links>>> Fetch::ask_for_links() {
  co_return co_await github::get_copilot_report_links(
      *environment_.api, {.endpoint = std::string(row(question_.kind).endpoint),
                          .what = "ask for " + name_,
                          .path = link_path(question_.kind, question_.owner, question_.day),
                          .timeout = environment_.request_timeout});
}

async::Task<Result<Fetch::Verdict>> Fetch::try_again_and_again() {
  const std::function<async::Task<Result<Verdict>>()> once = [this] { return attempt(); };
  auto verdict = co_await async::retry<Verdict>(environment_.retry, async::Idempotency::kIdempotent, once);
  was_cut_ = !verdict && is_cancelled(verdict.error());
  co_return verdict;
}

async::Task<Result<Fetch::Verdict>> Fetch::attempt() {
  ++attempts_;
  for (;;) {
    ReportReader reader(question_.kind, question_.owner, options_);
    const auto downloaded = co_await download_all(reader);
    if (downloaded) co_return Verdict{add_up(reader)};

    const DownloadProblem& problem = downloaded.error();
    if (problem.result == DownloadResult::kExpired && !links_are_new_) {
      links_are_new_ = true;
      auto links = co_await ask_for_links();
      if (!links && is_cancelled(links.error())) co_return fail(std::move(links).error());
      if (!links) co_return Verdict{problem_of_links(std::move(links).error())};
      if (!*links) co_return Verdict{NoReport{}};
      links_ = **std::move(links);
      continue;
    }
    if (is_cancelled(problem.error)) co_return fail(problem.error);
    obstacle_ = located(problem.error);
    if (async::is_transient(problem.error)) co_return fail(*obstacle_);
    const bool is_invalid = problem.result == DownloadResult::kInvalid;
    co_return Verdict{std::unexpected(FetchProblem{.step = is_invalid ? FetchStep::kParse : FetchStep::kDownload,
                                                   .error = obstacle_->with_context("read " + name_),
                                                   .is_final = problem.result == DownloadResult::kRefusedHost})};
  }
}

async::Task<Downloaded> Fetch::download_all(ReportReader& reader) {
  for (file_ = 0; file_ < links_.download_links.size(); ++file_) {
    is_downloading_ = true;
    auto downloaded = co_await download_file(*environment_.client, *environment_.hosts, links_.download_links[file_],
                                             environment_.download_timeout, reader);
    if (!downloaded && is_cancelled(downloaded.error().error)) co_return downloaded;
    is_downloading_ = false;
    count(downloaded ? DownloadResult::kSuccess : downloaded.error().result);
    if (!downloaded) co_return downloaded;
  }
  co_return Downloaded{};
}

Outcome Fetch::add_up(const ReportReader& reader) const {
  auto report = reader.finish();
  if (!report) {
    return std::unexpected(FetchProblem{
        .step = FetchStep::kParse, .error = report.error().with_context("read " + name_), .lines = reader.counts()});
  }
  FetchedReport out{.report = *std::move(report),
                    .lines = reader.counts(),
                    .first_day = links_.first_day,
                    .last_day = links_.last_day};
  if (out.first_day.empty()) out.first_day = out.report.first_day;
  if (out.last_day.empty()) out.last_day = out.report.last_day;
  return out;
}

void Fetch::count(DownloadResult result) const {
  if (environment_.on_download) environment_.on_download(result);
}

Error Fetch::located(const Error& error) const {
  return error.with_context(fmt::format("file {} of {}", file_ + 1, links_.download_links.size()));
}

// After the last attempt, the deadline, or on cancellation.
FetchProblem Fetch::problem_of_downloads(Error error) const {
  if (was_cut_ && error.code == ErrorCode::kTimeout) {
    if (is_downloading_) count(DownloadResult::kFailure);
    error = located({ErrorCode::kTimeout, "not read within " + format_duration(environment_.download_timeout)});
    if (obstacle_) error.message += fmt::format(" (before: {})", obstacle_->message);
  } else if (attempts_ > 1 && !is_cancelled(error)) {
    error.message += fmt::format(" after {} attempts", attempts_);
  }
  return {.step = FetchStep::kDownload, .error = error.with_context("read " + name_)};
}

}  // namespace

work::Reason reason_of(FetchStep step) {
  switch (step) {
    case FetchStep::kLinks:
      return work::Reason::kCopilotReportFetchError;
    case FetchStep::kDownload:
      return work::Reason::kCopilotReportDownloadError;
    case FetchStep::kParse:
      return work::Reason::kCopilotReportParseError;
  }
  std::unreachable();
}

async::Task<std::expected<Fetched, FetchProblem>> fetch_report(FetchEnvironment environment, ReportQuestion question,
                                                               ReportOptions options) {
  Fetch fetch(std::move(environment), std::move(question), std::move(options));
  co_return co_await fetch.run();
}

}  // namespace ghstats::copilot
