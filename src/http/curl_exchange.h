// One hop as a libcurl easy handle: what is set, what is received, what its end means.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>

#include "http/client.h"
#include "http/redirect.h"
#include "http/trusted_certificates.h"

namespace ghstats::http {

// Neither copied nor moved: libcurl holds its address. `options`, `certificates` and `request` must outlive it.
class CurlExchange {
 public:
  CurlExchange(const ClientOptions& options, const TrustedCertificates& certificates, const Request& request,
               const Hop& hop);
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;

  [[nodiscard]] CURL* easy() const { return easy_.get(); }

  // Once, after the transfer ended with `code`.
  Result<Response> finish(CURLcode code);

 private:
  struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static int on_socket(void* self, int socket, int purpose);
  static CURLcode on_ssl_context(CURL* easy, void* context, void* self);

  void set_method(const Request& request, const Hop& hop);
  void set_headers(const Headers& headers);
  void set_connection(const ClientOptions& options);
  [[nodiscard]] Error error_of(CURLcode code) const;

  const TrustedCertificates& certificates_;
  std::size_t max_body_bytes_;
  Response response_;
  std::size_t header_bytes_ = 0;
  bool too_large_ = false;
  std::unique_ptr<curl_slist, FreeList> header_list_;
  std::unique_ptr<CURL, FreeEasy> easy_;
};

}  // namespace ghstats::http
