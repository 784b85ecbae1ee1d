#include "http/testing/tls_server.h"

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <utility>

#include "async/testing/run.h"

namespace ghstats::http::testing {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto kUse = asio::as_tuple(asio::use_awaitable);

}  // namespace

TemporaryFile::TemporaryFile(const std::string& content)
    : path_((std::filesystem::temp_directory_path() / "ghstats-test-XXXXXX").string()) {
  const int fd = mkstemp(path_.data());
  if (fd < 0) throw std::runtime_error("mkstemp");
  const auto written = write(fd, content.data(), content.size());
  close(fd);
  if (written != static_cast<ssize_t>(content.size())) throw std::runtime_error("write");
}

TemporaryFile::~TemporaryFile() {
  unlink(path_.c_str());
}

TlsServer::TlsServer(asio::io_context& io, const TestCertificates& certificates, std::string answer)
    : io_(io),
      context_(asio::ssl::context::tls_server),
      acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      answer_(std::move(answer)),
      tasks_(io.get_executor()) {
  context_.use_certificate_chain(asio::buffer(certificates.server));
  context_.use_private_key(asio::buffer(certificates.server_key), asio::ssl::context::pem);
  tasks_.spawn([this] { return accept_all(); });
}

TlsServer::~TlsServer() {
  async::testing::run(io_, [this]() -> async::Task<> {
    tasks_.cancel();
    co_await tasks_.join();
  }());
}

std::string TlsServer::url(const std::string& path) const {
  return "https://127.0.0.1:" + std::to_string(port()) + path;
}

async::Task<> TlsServer::accept_all() {
  for (;;) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    auto [ec, accepted] = co_await acceptor_.async_accept(kUse);
    if (ec) co_return;
    auto socket = std::make_shared<tcp::socket>(std::move(accepted));
    tasks_.spawn([this, socket] { return serve(socket); });
  }
}

async::Task<> TlsServer::serve(std::shared_ptr<tcp::socket> socket) {
  asio::ssl::stream<tcp::socket> stream(std::move(*socket), context_);
  const auto [handshake_ec] = co_await stream.async_handshake(asio::ssl::stream_base::server, kUse);
  if (handshake_ec) co_return;
  std::string buffer;
  for (;;) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    const auto [ec, bytes] = co_await asio::async_read_until(stream, asio::dynamic_buffer(buffer), "\r\n\r\n", kUse);
    if (ec) co_return;
    heads_.push_back(buffer.substr(0, bytes));
    buffer.erase(0, bytes);
    const auto [write_ec, written] = co_await asio::async_write(stream, asio::buffer(answer_), kUse);
    if (write_ec) co_return;
  }
}

}  // namespace ghstats::http::testing
