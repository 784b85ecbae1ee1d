#include "harness/network_path.h"

#include <boost/asio/post.hpp>
#include <future>
#include <utility>

namespace ghstats::harness {

NetworkPath::NetworkPath(net::Endpoint target)
    : keep_running_(io_.get_executor()), proxy_(io_, std::move(target)), thread_([this] { io_.run(); }) {}

// The proxy ends its connections on the thread that destroys it.
NetworkPath::~NetworkPath() {
  io_.stop();
  thread_.join();
}

void NetworkPath::call(const std::function<void()>& what) {
  std::promise<void> done;
  boost::asio::post(io_, [&] {
    what();
    done.set_value();
  });
  done.get_future().wait();
}

void NetworkPath::cut_off() {
  call([this] { proxy_.set_frozen(true); });
}

void NetworkPath::restore() {
  call([this] {
    proxy_.set_frozen(false);
    proxy_.set_delay({});
    proxy_.set_fault({});
  });
}

void NetworkPath::reset() {
  call([this] { proxy_.cut(); });
}

int NetworkPath::accepted() {
  int out = 0;
  call([&] { out = proxy_.accepted(); });
  return out;
}

void NetworkPath::reset_after(std::size_t bytes_to_target) {
  using net::testing::Direction;
  using net::testing::Fault;
  call([this, bytes_to_target] {
    proxy_.set_fault(
        Fault{.kind = Fault::Kind::kReset, .direction = Direction::kToServer, .after_bytes = bytes_to_target});
  });
}

void NetworkPath::slow_down(std::chrono::milliseconds delay) {
  call([this, delay] { proxy_.set_delay(delay); });
}

}  // namespace ghstats::harness
