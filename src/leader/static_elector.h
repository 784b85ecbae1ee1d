// The role that the configuration gives.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "leader/elector.h"

namespace ghstats::leader {

// Leads from the beginning, or never. A leader that was superseded follows from then on: two processes that were
// started as leaders by mistake end with one writer instead of superseding each other in turn.
std::unique_ptr<Elector> make_static_elector(boost::asio::any_io_executor executor, bool leads);

}  // namespace ghstats::leader
