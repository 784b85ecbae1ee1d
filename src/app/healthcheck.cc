#include "app/healthcheck.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <utility>

#include "app/version.h"
#include "async/task_group.h"
#include "http/client.h"
#include "http/listen_address.h"

namespace ghstats::app {
namespace {

constexpr Duration kPatience = std::chrono::seconds{3};

}  // namespace

Result<std::string> readiness_url(const std::string& listen_address) {
  const auto parsed = http::parse_listen_address(listen_address);
  if (!parsed) return fail(parsed.error());
  const auto& endpoint = parsed->endpoint;
  if (endpoint.port() == 0) {
    return fail(ErrorCode::kInvalidArgument,
                "port 0 of '" + listen_address + "' cannot be asked: configure a fixed one");
  }
  std::string host = "127.0.0.1";
  if (!parsed->any_family && !endpoint.address().is_unspecified()) host = endpoint.address().to_string();
  if (endpoint.address().is_v6() && host.find(':') != std::string::npos) host = "[" + host + "]";
  if (!parsed->any_family && endpoint.address().is_v6() && endpoint.address().is_unspecified()) host = "[::1]";
  return "http://" + host + ":" + std::to_string(endpoint.port()) + "/readyz";
}

CommandResult healthcheck(const std::string& listen_address) {
  const auto url = readiness_url(listen_address);
  if (!url) return {1, "", url.error().message + "\n"};
  boost::asio::io_context io;
  http::ClientOptions options;
  options.user_agent = kProgramName;
  options.direct = true;
  auto client = http::make_curl_client(io.get_executor(), std::move(options));
  if (!client) return {1, "", client.error().message + "\n"};
  CommandResult result{1, "", "no answer\n"};
  async::TaskGroup tasks(io.get_executor());
  tasks.spawn([&]() -> async::Task<> {
    http::Request request;
    request.url = *url;
    request.timeout = kPatience;
    const auto response = co_await (*client)->send(std::move(request));
    if (!response) {
      result.err = response.error().message + "\n";
    } else if (response->status != 200) {
      result.err = "HTTP " + std::to_string(response->status) + ": " + response->body;
    } else {
      result = {0, "ready\n", ""};
    }
  });
  io.run();
  return result;
}

}  // namespace ghstats::app
