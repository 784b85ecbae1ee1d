#include "app/serving_thread.h"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "app/process_metrics.h"
#include "app/version.h"
#include "async/task_group.h"
#include "exposition/metrics_handler.h"
#include "exposition/view.h"
#include "health/endpoints.h"

namespace ghstats::app {
namespace {

using metrics::Family;

class Serving final : public ServingThread {
 public:
  Serving(ServingOptions options, const Clock& clock, std::shared_ptr<const health::HealthBoard> board,
          log::Logger logger)
      : options_(std::move(options)),
        clock_(clock),
        board_(std::move(board)),
        logger_(std::move(logger)),
        process_samples_(options_.replica),
        shown_(make_shown()),
        fresh_as_of_(clock.steady_now()),
        tasks_(io_.get_executor()) {}

  // Without stop() (a start that failed later on) the thread ends here.
  ~Serving() override { io_.stop(); }

  Status listen() {
    http::Router router;
    router.add(
        "GET", options_.program.metrics_path,
        [this](http::ServerRequest request) -> async::Task<http::ServerResponse> { co_return respond(request); });
    health::add_health_routes(router, board_, clock_);
    health::add_landing_page(router, options_.program, board_);
    auto server = http::Server::listen(io_.get_executor(), options_.server, std::move(router), logger_);
    if (!server) return fail(std::move(server).error());
    server_ = *std::move(server);
    port_ = server_->port();
    thread_ = std::jthread([this] { io_.run(); });
    return {};
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

  void load(store::ChangeSet snapshot, SteadyPoint as_of, exposition::SnapshotOf what) override {
    lost_ = false;
    refresh(as_of, [this, set = std::move(snapshot), what] {
      if (!shown_) shown_ = make_shown();
      shown_->view.load(set, clock_.now(), what);
    });
  }

  void apply(store::ChangeSet changes, SteadyPoint as_of) override {
    refresh(as_of, [this, set = std::move(changes)] {
      if (!shown_) return;
      shown_->view.apply(set);
      shown_->view.advance(clock_.now());
    });
  }

  [[nodiscard]] bool is_lost() const override { return lost_; }

  void recall(std::function<void(store::ChangeSet)> done) override {
    boost::asio::post(
        io_, [this, done = std::move(done)] { done(shown_ ? shown_->view.remembered() : store::ChangeSet{}); });
  }

  void stop(Duration grace, std::function<void()> done) override {
    boost::asio::post(io_, [this, grace, done = std::move(done)] {
      tasks_.spawn([this, grace, done]() -> async::Task<> {
        co_await server_->stop(grace);
        done();
        keep_running_.reset();
      });
    });
  }

 private:
  struct Shown {
    Shown(const ServingOptions& options, const Clock& clock, exposition::MetricsHandler::OwnSamples own)
        : view(options.windows, clock.now(), options.collected), handler(view, clock, std::move(own)) {}
    exposition::View view;
    exposition::MetricsHandler handler;
  };

  std::unique_ptr<Shown> make_shown() {
    auto shown = std::make_unique<Shown>(options_, clock_, [this](TimePoint) { return own_samples(); });
    settle(shown->view);
    return shown;
  }

  void settle(exposition::View& view) const {
    if (options_.settled_clock != nullptr) view.settle(options_.settled_clock->now());
  }

  template <class Change>
  void refresh(SteadyPoint as_of, Change change) {
    boost::asio::post(io_, [this, as_of, change = std::move(change)] {
      const SteadyPoint begin = clock_.steady_now();
      try {
        if (shown_) settle(shown_->view);
        change();
      } catch (const std::bad_alloc&) {
        lose_view();
        return;
      }
      refresh_took_ = clock_.steady_now() - begin;
      fresh_as_of_ = as_of;
    });
  }

  http::ServerResponse respond(const http::ServerRequest& request) {
    if (!shown_) return http::text_response(503, "text/plain; charset=utf-8", "the page does not fit into memory\n");
    try {
      return shown_->handler.respond(request);
    } catch (const std::bad_alloc&) {
      if (!shown_->view.intact()) lose_view();
      throw;  // a 503, too
    }
  }

  // A number that is half taken in must never be shown. Whoever feeds the view loads it again.
  void lose_view() {
    shown_.reset();
    lost_ = true;
    logger_.error("the page does not fit into memory: it is made anew from the store");
  }

  [[nodiscard]] std::vector<metrics::Sample> own_samples() {
    std::vector<metrics::Sample> out = process_samples_.at(clock_.steady_now());
    const auto seconds = [](SteadyPoint::duration d) { return std::chrono::duration<double>(d).count(); };
    out.push_back({{Family::kCacheRefreshDuration, {}}, seconds(refresh_took_)});
    out.push_back({{Family::kStaleness, {}}, seconds(clock_.steady_now() - fresh_as_of_)});
    out.push_back({{Family::kLogLinesDropped, {options_.replica}}, static_cast<double>(options_.log_lines_dropped())});
    out.push_back(
        {{Family::kBuildInfo, {std::string(version()), std::string(revision()), std::string(compiler())}}, 1});
    for (const upkeep::NamedClock& other : options_.other_clocks) {
      const auto lead = other.clock->own_lead(clock_.now(), clock_.steady_now());
      if (lead) out.push_back({{Family::kClockSkew, {other.name}}, seconds(*lead)});
    }
    for (auto& sample : health::component_samples(board_->current()->components)) out.push_back(std::move(sample));
    return out;
  }

  ServingOptions options_;
  const Clock& clock_;
  std::shared_ptr<const health::HealthBoard> board_;
  log::Logger logger_;
  boost::asio::io_context io_{1};
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> keep_running_{
      boost::asio::make_work_guard(io_)};
  ProcessSamples process_samples_;
  std::unique_ptr<Shown> shown_;  // null: lost
  std::atomic<bool> lost_ = false;
  SteadyPoint::duration refresh_took_{0};
  SteadyPoint fresh_as_of_;
  std::unique_ptr<http::Server> server_;
  std::uint16_t port_ = 0;
  async::TaskGroup tasks_;
  std::jthread thread_;  // last: joined before anything it uses is destroyed
};

}  // namespace

Result<std::unique_ptr<ServingThread>> ServingThread::start(ServingOptions options, const Clock& clock,
                                                            std::shared_ptr<const health::HealthBoard> board,
                                                            log::Logger logger) {
  auto serving = std::make_unique<Serving>(std::move(options), clock, std::move(board), std::move(logger));
  if (const Status listening = serving->listen(); !listening) return fail(listening.error());
  return serving;
}

}  // namespace ghstats::app
