// The answer to one hop, read in pieces.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "http/client.h"
#include "http/curl_exchange.h"
#include "http/curl_multi.h"
#include "http/redirect.h"
#include "http/trusted_certificates.h"

namespace ghstats::http {

class CurlBody final : public BodyReader {
 public:
  struct Source {
    std::shared_ptr<const Request> request;
    Hop hop;
    std::string context;  // for errors
  };

  // `options` and `certificates` must outlive it.
  CurlBody(std::shared_ptr<CurlMulti> multi, const ClientOptions& options, const TrustedCertificates& certificates,
           Source source, SteadyPoint deadline);

  // Once, before next(): sends the request and returns the answer without its body. Errors as of Client::send.
  async::Task<Result<Response>> read_head();

  async::Task<Result<std::optional<std::string>>> next() override;

 private:
  // Ends the transfer; the error is that of every later call.
  std::unexpected<Error> give_up(const Error& error);
  async::Task<Status> check_time() const;

  const std::shared_ptr<CurlMulti> multi_;
  const Source source_;
  const SteadyPoint deadline_;
  CurlExchange exchange_;
  std::unique_ptr<CurlMulti::Transfer> transfer_;  // behind what it transfers
  std::optional<CURLcode> ended_;
  std::optional<Error> failed_;
};

}  // namespace ghstats::http
