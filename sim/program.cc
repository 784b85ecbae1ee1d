#include "sim/program.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "async/task_group.h"
#include "log/fd_sink.h"
#include "sim/copilot/report_host.h"
#include "sim/simulation.h"

namespace ghstats::sim {
namespace {

constexpr Duration kStopGrace{300};

http::ServerOptions server_options(const Options& options) {
  http::ServerOptions server;
  server.listen_address = options.listen;
  server.max_body_bytes = 64UL << 20U;  // a test may send a lot of activity at once
  server.max_connections = 2048;
  return server;
}

std::string url_of(const std::string& listen, std::uint16_t port) {
  auto host = listen.substr(0, listen.rfind(':'));
  if (host.empty()) host = "127.0.0.1";
  return "http://" + host + ':' + std::to_string(port);
}

// Readers never see half a number.
Status write_port_file(const std::string& path, std::uint16_t port) {
  if (path.empty()) return {};
  const auto temporary = path + ".tmp";
  std::ofstream file(temporary, std::ios::trunc);
  file << port << '\n';
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(temporary, path, error);
  if (!file || error) return fail(ErrorCode::kInvalidArgument, "cannot write '" + path + "'");
  return {};
}

async::Task<> stop_on_signal(boost::asio::signal_set& signals, http::Server& server, copilot::ReportHost& reports) {
  (void)co_await signals.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  co_await server.stop(kStopGrace);
  co_await reports.stop();
}

int report(const Error& error) {
  std::fprintf(stderr, "ghsim: %s\n", error.message.c_str());
  return error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kInvalidData ? 2 : 1;
}

}  // namespace

int run_ghsim(const Options& options) {
  boost::asio::io_context io(1);
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  auto simulation = make_simulation(options, SystemClock().now());
  if (!simulation) return report(simulation.error());

  const auto clock = std::make_shared<SystemClock>();
  const log::Logger logger({.level = log::Level::kWarn,
                            .format = log::Format::kText,
                            .clock = clock,
                            .sink = std::make_shared<log::FdSink>(2, log::Format::kText, clock)},
                           "ghsim");
  http::Router router;
  auto& service = (*simulation)->service;
  router.set_fallback([&service](http::ServerRequest request) { return service.handle(std::move(request)); });
  auto server = http::Server::listen(io.get_executor(), server_options(options), std::move(router), logger);
  if (!server) return report(server.error());
  const auto reports_listen = options.reports_listen.empty()
                                  ? options.listen.substr(0, options.listen.rfind(':')) + ":0"
                                  : options.reports_listen;
  const auto reports =
      copilot::ReportHost::listen(io.get_executor(), reports_listen, (*simulation)->reports, (*simulation)->clock);
  if (!reports) return report(reports.error());
  const auto written = write_port_file(options.port_file, (*server)->port());
  if (!written) return report(written.error());
  std::printf("%s\n", url_of(options.listen, (*server)->port()).c_str());
  std::fflush(stdout);

  async::TaskGroup tasks(io.get_executor());
  tasks.spawn([&] { return stop_on_signal(signals, **server, **reports); });
  io.run();
  return 0;
}

}  // namespace ghstats::sim
