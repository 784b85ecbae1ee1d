#include "github/credentials/installation_token.h"

#include <fmt/format.h>

#include <utility>

#include "async/task_group.h"
#include "async/watch.h"
#include "base/duration.h"
#include "base/time_format.h"
#include "github/answer.h"
#include "github/credentials/app_door.h"
#include "github/credentials/installation_fsm.h"
#include "github/rest/json_reader.h"

namespace ghstats::github {
namespace {

struct Minted {
  Token token;
  TimePoint served_at;
};

// The organisation's data are out of reach without the installation, so whatever is wrong with it is an authentication
// error: kNotFound and kPermissionDenied would look like the final answer about one repository.
Error refusal_of(const Answer& answer, std::string_view not_found) {
  Error error = error_of(answer);
  if (answer.response.status == 401) {
    return Error{ErrorCode::kUnauthenticated,
                 fmt::format("GitHub does not accept the App's key (wrong app_id or private key): {}", error.message)};
  }
  if (error.code == ErrorCode::kNotFound) {
    return Error{ErrorCode::kUnauthenticated, fmt::format("{}: {}", not_found, error.message)};
  }
  if (error.code == ErrorCode::kPermissionDenied) error.code = ErrorCode::kUnauthenticated;
  return error;
}

class InstallationToken final : public TokenSource {
 public:
  InstallationToken(boost::asio::any_io_executor executor, Transport& transport, InstallationTokenOptions options)
      : transport_(&transport),
        door_(transport, std::move(options.issuer), std::move(options.key), std::move(options.retry)),
        configured_id_(options.installation_id),
        installed_in_(options.installed_in),
        gate_(options.gate),
        logger_(std::move(options.logger)),
        finished_(executor),
        mints_(std::move(executor)) {}

  async::Task<Result<Token>> token() override {
    const bool stop = co_await async::cancelled();
    if (stop || stopped_) co_return fail(ErrorCode::kCancelled, "cancelled");
    switch (fsm_.next(transport_->clock().now())) {
      case InstallationFsm::Step::kUse:
        co_return fsm_.current();
      case InstallationFsm::Step::kRefuse:
        co_return fail(
            ErrorCode::kUnauthenticated,
            fmt::format("GitHub refuses fresh installation tokens of '{}', the next is asked for within a minute",
                        transport_->org()));
      case InstallationFsm::Step::kMint:
        break;
    }
    const auto seen = finished_.version();
    if (!minting_) {
      minting_ = true;
      mints_.spawn([this] { return mint(); });
    }
    const auto waited = co_await finished_.wait_beyond(seen);
    if (!waited) co_return fail(waited.error());
    co_return outcome_;
  }

  void rejected(const Token& token) override { fsm_.rejected(token, transport_->clock().now()); }

  [[nodiscard]] std::string installation_id() const override {
    const auto id = configured_id_ ? configured_id_ : discovered_id_;
    return id ? fmt::format("{}", *id) : "";
  }

  async::Task<> stop() override {
    stopped_ = true;
    mints_.cancel();
    co_await mints_.join();
    outcome_ = fail(ErrorCode::kCancelled, "cancelled");
    finished_.bump();
  }

 private:
  async::Task<> mint() {
    auto minted = co_await request_token();
    minting_ = false;
    if (minted) {
      outcome_ = minted->token;
      const TimePoint served_at = minted->served_at;
      fsm_.minted(std::move(minted->token), served_at, transport_->clock().now());
      note_clocks(served_at);
    } else {
      const TimePoint now = transport_->clock().now();
      fsm_.mint_failed(now);
      if (fsm_.next(now) == InstallationFsm::Step::kUse) {
        outcome_ = fsm_.current();
      } else {
        outcome_ = fail(minted.error());
      }
    }
    finished_.bump();
  }

  // Once, until a token with sensible dates has come.
  void note_clocks(TimePoint served_at) {
    const auto ahead = fsm_.clock_ahead();
    if (ahead && !told_clocks_) {
      logger_.warn("a new installation token has expired already: a clock is wrong, it is used for a minute at a time",
                   {{"org", transport_->org()},
                    {"expires_at", format_rfc3339(*fsm_.current().expires_at)},
                    {"clock", format_rfc3339(served_at)},
                    {"clock_ahead_by", format_duration(*ahead)}});
    }
    told_clocks_ = ahead.has_value();
  }

  async::Task<Result<Minted>> request_token() {
    if (!configured_id_ && !discovered_id_) {
      const auto found = co_await discover();
      if (!found) {
        co_return fail(
            found.error().with_context(fmt::format("find the App's installation in '{}'", transport_->org())));
      }
      discovered_id_ = *found;
    }
    const std::string what =
        fmt::format("get a token for installation {} of '{}'", installation_id(), transport_->org());
    auto minted = co_await create_token();
    if (!minted) co_return fail(minted.error().with_context(what));
    co_return minted;
  }

  // Errors of the answer as refusal_of says; otherwise the answer is a success.
  async::Task<Result<http::Response>> ask(AppCall call, std::string not_found) {
    auto answer = co_await door_.send(std::move(call));
    if (!answer) co_return fail(std::move(answer).error());
    if (answer->kind == AnswerKind::kOk) co_return std::move(answer->response);
    // An installation that was removed and made anew has another id.
    if (answer->response.status == 404) discovered_id_.reset();
    Error error = refusal_of(*answer, not_found);
    if (gate_ == nullptr) co_return fail(std::move(error));
    gate_->mint_refused(*answer);
    co_return fail(error.code == ErrorCode::kRateLimited ? gate_->explained(std::move(error)) : std::move(error));
  }

  async::Task<Result<std::uint64_t>> discover() {
    const bool enterprise = installed_in_ == InstallationOwner::kEnterprise;
    AppCall call{http::Method::kGet, enterprise ? "get_enterprise_installation" : "get_org_installation",
                 fmt::format("/{}/{}/installation", enterprise ? "enterprises" : "orgs",
                             http::percent_encode(transport_->org())),
                 ""};
    auto response = co_await ask(std::move(call), "the GitHub App is not installed there");
    if (!response) co_return fail(response.error());
    JsonBody json(response->body);
    std::uint64_t id = 0;
    bool suspended = false;
    if (auto installation = json.object()) {
      id = installation->number("id");
      suspended = installation->nullable_time("suspended_at").has_value();
    }
    if (const auto status = json.status(); !status) co_return fail(status.error());
    if (suspended) co_return fail(ErrorCode::kUnauthenticated, "the App's installation is suspended");
    co_return id;
  }

  async::Task<Result<Minted>> create_token() {
    AppCall call{http::Method::kPost, "create_installation_token",
                 fmt::format("/app/installations/{}/access_tokens", installation_id()), installation_id()};
    auto response = co_await ask(std::move(call), "the App's installation does not exist (any more)");
    if (!response) co_return fail(response.error());
    const TimePoint now = transport_->clock().now();
    Minted out;
    out.served_at = date_of(*response).value_or(now);
    out.token.created_at = now;
    JsonBody json(response->body);
    if (auto token = json.object()) {
      out.token.value = token->string("token");
      out.token.expires_at = token->time("expires_at");
    }
    if (const auto status = json.status(); !status) co_return fail(status.error());
    if (!is_usable_token(out.token.value)) {
      co_return fail(ErrorCode::kInvalidData, "field 'token': expected visible characters only");
    }
    co_return out;
  }

  Transport* transport_;
  AppDoor door_;
  std::optional<std::uint64_t> configured_id_;
  InstallationOwner installed_in_;
  RateGate* gate_;  // may be null
  log::Logger logger_;
  std::optional<std::uint64_t> discovered_id_;
  InstallationFsm fsm_;
  Result<Token> outcome_ = fail(ErrorCode::kInternal, "nothing was minted yet");  // of the last mint
  async::Watch finished_;                                                         // bumped after each mint
  bool minting_ = false;
  bool stopped_ = false;
  bool told_clocks_ = false;
  async::TaskGroup mints_;  // last: its tasks use all of the above
};

}  // namespace

std::unique_ptr<TokenSource> make_installation_token(boost::asio::any_io_executor executor, Transport& transport,
                                                     InstallationTokenOptions options) {
  return std::make_unique<InstallationToken>(std::move(executor), transport, std::move(options));
}

}  // namespace ghstats::github
