// TLS for tests: a server that shows a certificate made on the spot.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <string>
#include <vector>

#include "async/task_group.h"
#include "net/testing/certificates.h"

namespace ghstats::http::testing {

using net::testing::make_certificates;
using net::testing::TestCertificates;

// A file in the temporary folder, removed with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Answers every request of every connection with the same bytes.
class TlsServer {
 public:
  TlsServer(boost::asio::io_context& io, const TestCertificates& certificates, std::string answer);
  ~TlsServer();

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] std::string url(const std::string& path) const;
  [[nodiscard]] const std::vector<std::string>& heads() const { return heads_; }

 private:
  async::Task<> accept_all();
  async::Task<> serve(std::shared_ptr<boost::asio::ip::tcp::socket> socket);

  boost::asio::io_context& io_;
  boost::asio::ssl::context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::string answer_;
  std::vector<std::string> heads_;
  async::TaskGroup tasks_;
};

}  // namespace ghstats::http::testing
