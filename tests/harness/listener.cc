#include "harness/listener.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <stdexcept>

namespace ghstats::harness {
namespace {

class Silence final : public log::Sink {
 public:
  void write(std::string_view) override {}
};

async::Task<http::ServerResponse> reply(http::ServerResponse response) {
  co_return response;
}

}  // namespace

Listener::Listener() {
  http::Router router;
  router.set_fallback([this](http::ServerRequest request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
    return reply(http::text_response(200, "application/json", "[]"));
  });
  http::ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  const log::Logger logger(
      {log::Level::kError, log::Format::kJson, std::make_shared<SystemClock>(), std::make_shared<Silence>()});
  auto server = http::Server::listen(io_.get_executor(), options, std::move(router), logger);
  if (!server) throw std::runtime_error(server.error().message);
  server_ = *std::move(server);
  port_ = server_->port();
  thread_ = std::jthread([this] { io_.run(); });
}

Listener::~Listener() {
  boost::asio::co_spawn(io_, server_->stop(Duration{0}), boost::asio::detached);
  thread_.join();
}

std::vector<http::ServerRequest> Listener::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

}  // namespace ghstats::harness
