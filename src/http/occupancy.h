// Who is served when more connections come than there are places, as a decision without I/O.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace ghstats::http {

// How many connections may be served at a time with `descriptors` file descriptors in the whole process
// (RLIMIT_NOFILE): `wanted`, less what the program's own files and sockets need, which is no more than half of them; 1
// at least.
std::size_t places_for(std::size_t wanted, std::size_t descriptors);

// Who holds a connection: an IPv4 address, or an IPv6 network of 64 bits, which is what one customer gets.
std::string holder_of(const boost::asio::ip::address& peer);

// Since when a reader of an answer is late: bytes taken at kBytesPerSecond or faster keep it on time.
class ReadingPace {
 public:
  static constexpr double kBytesPerSecond = 16.0 * 1024;

  explicit ReadingPace(SteadyPoint now) : late_since_(now) {}
  void took(std::size_t bytes, SteadyPoint now);
  [[nodiscard]] SteadyPoint late_since() const { return late_since_; }

 private:
  SteadyPoint late_since_;
};

// A connection waits for its client, which owes a request or has an answer to take, or for this server, which owes an
// answer. A client keeps its place while nobody else wants it. When all are taken, a connection of the holder of the
// most of them gives way: the one whose client kept it waiting longest. A holder never gains one at the cost of another
// that has as few. One that holds none is let in as long as another holds several and not all of these are being
// answered right now: if need be at the cost of the last one that waits for its turn. Otherwise a connection that waits
// for this server never gives way, nor does the only one of a holder while its answer moves on.
class Occupancy {
 public:
  using Id = std::uint64_t;  // never 0

  struct Admission {
    std::optional<Id> admitted;   // absent: refused
    std::optional<Id> gives_way;  // to be closed; not known here any more
  };

  // `places` >= 1.
  explicit Occupancy(std::size_t places) : places_(places) {}

  // A connection came; it owes a request from now on.
  Admission arrive(const std::string& holder, SteadyPoint now);

  // One that has to go though there may be places left: descriptors ran out. Not known here any more.
  std::optional<Id> evict(SteadyPoint now);

  // What a connection waits for. Those that gave way or left are ignored, here and below.
  void owes_request(Id id, SteadyPoint since);
  void takes_answer(Id id, SteadyPoint late_since);
  void waits_for_turn(Id id, SteadyPoint since);
  void waits_for_server(Id id);
  void leave(Id id);

  [[nodiscard]] std::size_t places() const { return places_; }
  [[nodiscard]] std::size_t size() const { return connections_.size(); }

 private:
  enum class Turn { kRequest, kQueued, kServer, kAnswer };
  using Holders = std::unordered_map<std::string, std::size_t>;  // to how many connections it holds
  struct Connection {
    Holders::value_type* holder = nullptr;  // these stay where they are until they hold none
    Turn turn = Turn::kRequest;
    SteadyPoint since;  // with kServer: of no meaning
  };

  // `newcomer`: for whom; null when it is unknown or holds none.
  [[nodiscard]] std::optional<Id> choose(const Holders::value_type* newcomer, SteadyPoint now) const;
  void turn(Id id, Turn turn, SteadyPoint since);

  std::size_t places_;
  Id last_id_ = 0;
  std::unordered_map<Id, Connection> connections_;
  Holders holders_;
};

}  // namespace ghstats::http
