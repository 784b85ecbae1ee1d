#include "http/occupancy.h"

#include <algorithm>
#include <tuple>

namespace ghstats::http {
namespace {

// For GitHub, Redis, the log, timers and what libraries open for a moment.
constexpr std::size_t kOwnDescriptors = 128;
// An answer that did not move for this long is as good as a client that waits: round trips are shorter.
constexpr std::chrono::milliseconds kPatience{250};

}  // namespace

std::size_t places_for(std::size_t wanted, std::size_t descriptors) {
  const std::size_t left = descriptors - std::min(kOwnDescriptors, descriptors / 2);
  return std::max<std::size_t>(1, std::min(wanted, left));
}

std::string holder_of(const boost::asio::ip::address& peer) {
  if (peer.is_v4()) return peer.to_string();
  const auto v6 = peer.to_v6();
  if (v6.is_v4_mapped()) return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_string();
  const auto bytes = v6.to_bytes();
  return {bytes.begin(), bytes.begin() + 8};
}

void ReadingPace::took(std::size_t bytes, SteadyPoint now) {
  const std::chrono::duration<double> worth(static_cast<double>(bytes) / kBytesPerSecond);
  // Compared first: a large answer is worth more than a time point holds.
  if (worth >= now - late_since_) {
    late_since_ = now;
  } else {
    late_since_ += std::chrono::duration_cast<SteadyPoint::duration>(worth);
  }
}

Occupancy::Admission Occupancy::arrive(const std::string& holder, SteadyPoint now) {
  Admission admission;
  if (connections_.size() >= places_) {
    const auto known = holders_.find(holder);
    admission.gives_way = choose(known == holders_.end() ? nullptr : &*known, now);
    if (!admission.gives_way) return admission;
    leave(*admission.gives_way);
  }
  Holders::value_type& held = *holders_.try_emplace(holder, 0).first;
  connections_.emplace(++last_id_, Connection{.holder = &held, .since = now});
  ++held.second;
  admission.admitted = last_id_;
  return admission;
}

std::optional<Occupancy::Id> Occupancy::evict(SteadyPoint now) {
  const auto chosen = choose(nullptr, now);
  if (chosen) leave(*chosen);
  return chosen;
}

std::optional<Occupancy::Id> Occupancy::choose(const Holders::value_type* newcomer, SteadyPoint now) const {
  const std::size_t own = newcomer == nullptr ? 0 : newcomer->second;
  std::optional<Id> chosen;
  std::tuple<std::size_t, SteadyPoint::duration> best;
  for (const auto& [id, connection] : connections_) {
    if (connection.turn == Turn::kServer) continue;
    const std::size_t held = connection.holder->second + (connection.holder == newcomer ? 1 : 0);
    if (held <= own) continue;
    const bool queued = connection.turn == Turn::kQueued;
    const auto kept_waiting = queued ? connection.since - now : now - connection.since;  // we keep it waiting
    const bool spare = own == 0 && held > 1;
    if ((queued || connection.turn == Turn::kAnswer) && kept_waiting < kPatience && !spare) continue;
    const std::tuple rank(held, kept_waiting);
    if (chosen && rank <= best) continue;
    chosen = id;
    best = rank;
  }
  return chosen;
}

void Occupancy::turn(Id id, Turn turn, SteadyPoint since) {
  const auto connection = connections_.find(id);
  if (connection == connections_.end()) return;
  connection->second.turn = turn;
  connection->second.since = since;
}

void Occupancy::owes_request(Id id, SteadyPoint since) {
  turn(id, Turn::kRequest, since);
}

void Occupancy::takes_answer(Id id, SteadyPoint late_since) {
  turn(id, Turn::kAnswer, late_since);
}

void Occupancy::waits_for_turn(Id id, SteadyPoint since) {
  turn(id, Turn::kQueued, since);
}

void Occupancy::waits_for_server(Id id) {
  turn(id, Turn::kServer, {});
}

void Occupancy::leave(Id id) {
  const auto connection = connections_.find(id);
  if (connection == connections_.end()) return;
  Holders::value_type* const holder = connection->second.holder;
  connections_.erase(connection);
  if (--holder->second == 0) holders_.erase(holders_.find(holder->first));
}

}  // namespace ghstats::http
