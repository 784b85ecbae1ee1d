// Everything that answers HTTP requests, on a thread of its own: a busy collector never delays a scrape.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/duration.h"
#include "base/error.h"
#include "exposition/served_view.h"
#include "health/landing_page.h"
#include "health/snapshot.h"
#include "http/server.h"
#include "ledger/ledger.h"
#include "log/log.h"
#include "upkeep/clock_news.h"

namespace ghstats::app {

struct ServingOptions {
  http::ServerOptions server;
  ledger::Ledger::Options windows;
  kinds::FamilySwitches collected = kinds::kDefaultFamilies;
  health::ProgramDescription program;
  std::string replica;  // label value of this replica's own series
  std::function<std::uint64_t()> log_lines_dropped = [] { return std::uint64_t{0}; };  // thread-safe
  const Clock* settled_clock = nullptr;          // what the view may forget goes by it; null: by the serving clock
  std::vector<upkeep::NamedClock> other_clocks;  // compared with the serving clock
};

// Owns the view and the HTTP server. Every method may be called from any thread and returns at once. While the view is
// lost, /metrics is a 503.
class ServingThread : public exposition::ServedView {
 public:
  // Listens and starts the thread. Errors: those of http::Server::listen. `clock` must outlive it.
  static Result<std::unique_ptr<ServingThread>> start(ServingOptions options, const Clock& clock,
                                                      std::shared_ptr<const health::HealthBoard> board,
                                                      log::Logger logger);
  [[nodiscard]] virtual std::uint16_t port() const = 0;

  // Stops the server (requests in flight get `grace`) and then the thread; `done` is called on that thread, last.
  // The destructor joins; it may be called after `done` only.
  virtual void stop(Duration grace, std::function<void()> done) = 0;
};

}  // namespace ghstats::app
