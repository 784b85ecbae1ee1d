#include "http/testing/tls_server.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
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
constexpr long kValidSeconds = 3600;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Key make_key() {
  return {EVP_EC_gen("P-256"), EVP_PKEY_free};
}

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  if (extension == nullptr) throw std::runtime_error("certificate extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Signed by `issuer_key`; self-signed without an issuer.
Certificate make_certificate(EVP_PKEY* key, const char* name, long serial, X509* issuer, EVP_PKEY* issuer_key) {
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kValidSeconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kValidSeconds);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509* signer = issuer != nullptr ? issuer : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  if (issuer == nullptr) {
    add_extension(certificate.get(), signer, NID_basic_constraints, "critical,CA:TRUE");
  } else {
    add_extension(certificate.get(), signer, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
  }
  if (X509_sign(certificate.get(), issuer_key, EVP_sha256()) == 0) throw std::runtime_error("sign certificate");
  return certificate;
}

template <class Write>
std::string to_pem(const Write& write) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new(BIO_s_mem()), BIO_free);
  write(bio.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

TestCertificates make_certificates(const std::string& authority_name) {
  const auto authority_key = make_key();
  const auto authority = make_certificate(authority_key.get(), authority_name.c_str(), 1, nullptr, authority_key.get());
  const auto key = make_key();
  const auto server = make_certificate(key.get(), "ghstats test server", 2, authority.get(), authority_key.get());
  TestCertificates out;
  out.authority = to_pem([&](BIO* bio) { PEM_write_bio_X509(bio, authority.get()); });
  out.server = to_pem([&](BIO* bio) { PEM_write_bio_X509(bio, server.get()); });
  out.server_key =
      to_pem([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  return out;
}

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
