// From a host's name to addresses.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <vector>

#include "async/task.h"
#include "net/endpoint.h"

namespace ghstats::net {

// The addresses of `endpoint`, in the system's order, at least one. Asked anew at each call; an address is its own
// answer. kUnavailable (unknown name, no name server), kTimeout, kCancelled at once.
//
// The system's resolver blocks, so it runs on a thread that Asio owns, one question after the other. An answer that
// nobody waits for any more is dropped; a question that is being asked delays the destruction of the io_context.
async::Task<Result<std::vector<boost::asio::ip::tcp::endpoint>>> resolve(Endpoint endpoint,
                                                                         std::chrono::nanoseconds timeout);

}  // namespace ghstats::net
