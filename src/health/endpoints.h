// /livez, /readyz and /healthz (contract.md section 8).
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "health/snapshot.h"
#include "http/server.h"

namespace ghstats::health {

// {"role","mode","ready","components":{name:bool}} in this order; full: also the components of the Copilot paths,
// "details" (per component: used, since, last_success, last_error, last_error_at, fallback) and "reasons".
std::string health_document(const HealthSnapshot& snapshot, bool full);

// GET /livez: 200 while the process runs and the thread that owns its state turns, else 503.
// GET /readyz: 200, or 503 with the reasons as text.
// GET /healthz, ?full=1: the document; 200 when healthy or degraded, 503 when unhealthy.
// Handlers read the board and the clock on whatever thread the server runs on, and nothing else. `clock` must outlive
// the router.
void add_health_routes(http::Router& router, std::shared_ptr<const HealthBoard> board, const Clock& clock);

}  // namespace ghstats::health
