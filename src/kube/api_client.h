// Asking an API server: authorised requests and what their answers mean.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "async/task.h"
#include "base/clock.h"
#include "base/error.h"
#include "http/client.h"
#include "kube/in_cluster.h"
#include "kube/token_file.h"

namespace ghstats::kube {

struct ApiCall {
  http::Method method = http::Method::kGet;
  std::string path;                     // "/apis/..."
  std::string json;                     // with kPost and kPut
  std::chrono::nanoseconds timeout{0};  // of the whole call; > 0
};

// All calls on one thread; must outlive them.
class ApiClient {
 public:
  static constexpr std::size_t kMaxAnswerBytes = 1UL << 20U;

  // `client` must not use a proxy. The token goes to `api_server` ("https://host:port") and nowhere else.
  ApiClient(std::unique_ptr<http::Client> client, std::string api_server, TokenFile token,
            std::shared_ptr<const Clock> clock);

  // The body of the 2xx answer. Asks once; again, at once, only when the token was refused (which changes nothing) and
  // the file has another one by now; and libcurl does when a connection that was used before ends without a word, so
  // that what it asks for may happen twice, or be refused the second time for having happened. Redirects are not
  // followed. Errors: those of error_of() and of http::Client::send; without a token those of read_token(). Messages
  // name method, scheme, host, path, and of a refused token whether its file could be read.
  async::Task<Result<std::string>> call(ApiCall call);

 private:
  async::Task<Result<http::Response>> ask(const ApiCall& call, const std::string& token, SteadyPoint deadline);
  [[nodiscard]] Error refused(const http::Response& response) const;

  std::unique_ptr<http::Client> client_;
  std::string api_server_;
  TokenFile token_;
  std::shared_ptr<const Clock> clock_;
};

// Over libcurl, never by a proxy, HTTP/1.1 (docs/adr/0027). kInvalidArgument when the CA file holds no certificate.
Result<std::unique_ptr<ApiClient>> make_api_client(boost::asio::any_io_executor executor, const InCluster& cluster,
                                                   std::string user_agent, std::shared_ptr<const Clock> clock);

}  // namespace ghstats::kube
