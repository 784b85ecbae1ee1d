// Whose answer goes on next when many wait for theirs.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "async/task.h"
#include "async/watch.h"

namespace ghstats::http {

// Holders (occupancy.h) one after the other, each with the first that it asked for: who asks for one answer does not
// wait for a thousand of another. A decision without I/O.
class TurnOrder {
 public:
  using Id = std::uint64_t;

  void ask(const std::string& holder, Id id);
  // Whose turn it is; waits no longer.
  std::optional<Id> next();
  [[nodiscard]] bool empty() const { return round_.empty(); }

 private:
  std::unordered_map<std::string, std::deque<Id>> waiting_;  // none of them empty
  std::deque<std::string> round_;                            // of all who wait, the next one first
};

// Work that takes a while, in pieces: one piece in each pass of the io_context, and who comes is let in and heard
// before that. All calls on the executor's thread.
class Turns {
 public:
  explicit Turns(boost::asio::any_io_executor executor);

  // Returns when the caller may do a piece, up to where it suspends next. False: asked to stop.
  async::Task<bool> wait(std::string holder);

  // A client came, and has yet to be heard.
  void arrived() { ++arrivals_; }

  // Gives turns until it is asked to stop.
  async::Task<> run();

 private:
  boost::asio::any_io_executor executor_;
  TurnOrder order_;
  TurnOrder::Id last_id_ = 0;
  std::unordered_map<TurnOrder::Id, async::Watch*> waiting_;  // bumped when it is their turn; some in order_ have gone
  async::Watch asked_;
  std::size_t arrivals_ = 0;
};

}  // namespace ghstats::http
