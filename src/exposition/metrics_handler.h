// GET /metrics
#pragma once

#include <functional>
#include <vector>

#include "base/clock.h"
#include "exposition/view.h"
#include "http/server.h"
#include "metrics/series.h"

namespace ghstats::exposition {

// Lives on the view's thread.
class MetricsHandler {
 public:
  // This replica's own samples at the moment of the scrape (View::render).
  using OwnSamples = std::function<std::vector<metrics::Sample>(TimePoint now)>;

  // `view` and `clock` must outlive this.
  MetricsHandler(View& view, const Clock& clock, OwnSamples own_samples);

  // Always 200: the page as of now, in the format and encoding the request prefers. Never waits for anything.
  // std::bad_alloc when it does not fit into memory; see View::intact().
  [[nodiscard]] http::ServerResponse respond(const http::ServerRequest& request);

 private:
  View& view_;
  const Clock& clock_;
  OwnSamples own_samples_;
};

}  // namespace ghstats::exposition
