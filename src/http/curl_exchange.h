// One hop as a libcurl easy handle: what is set, what is received, what its end means.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/client.h"
#include "http/redirect.h"
#include "http/trusted_certificates.h"

namespace ghstats::http {

// What becomes of the body.
enum class BodyDelivery {
  kWhole,   // kept until finish()
  kPieces,  // kept until take_piece(); above BodyReader::kBufferedBytes the transfer pauses
};

// Neither copied nor moved: libcurl holds its address. `options`, `certificates` and `request` must outlive it.
class CurlExchange {
 public:
  CurlExchange(const ClientOptions& options, const TrustedCertificates& certificates, const Request& request,
               const Hop& hop, BodyDelivery delivery);
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;

  [[nodiscard]] CURL* easy() const { return easy_.get(); }

  // Called by libcurl's callbacks, when the head is complete and for each part of the body.
  void on_progress(std::function<void()> callback) { on_progress_ = std::move(callback); }
  // The head of the answer itself, not of an informational one, is there.
  [[nodiscard]] bool head_complete() const { return head_ == Head::kComplete; }
  // Once, when it is: the response without its body.
  Response take_head();
  // What of the body has arrived since the last call.
  std::string take_piece() { return std::exchange(response_.body, {}); }
  // Lets a paused transfer go on; it may be paused again on return.
  CURLcode resume();

  // What it means that the transfer ended with `code`.
  [[nodiscard]] Status check_end(CURLcode code) const;
  // Once, after it did, with BodyDelivery::kWhole.
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
  void note_line(std::string_view line);
  [[nodiscard]] bool may_have_body() const;
  [[nodiscard]] Error error_of(CURLcode code) const;

  const TrustedCertificates& certificates_;
  enum class Head { kNone, kInformational, kBegun, kComplete };

  const std::size_t max_body_bytes_;
  const BodyDelivery delivery_;
  const bool expects_body_;
  std::function<void()> on_progress_ = [] {};
  Response response_;
  Head head_ = Head::kNone;
  bool end_is_told_ = false;  // by a length, chunks or HTTP/2's frames, not by the end of the connection
  std::size_t header_bytes_ = 0;
  std::size_t body_bytes_ = 0;
  bool paused_ = false;
  bool too_large_ = false;
  std::unique_ptr<curl_slist, FreeList> header_list_;
  std::unique_ptr<CURL, FreeEasy> easy_;
};

}  // namespace ghstats::http
