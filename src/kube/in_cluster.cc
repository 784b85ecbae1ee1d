#include "kube/in_cluster.h"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/read_file.h"
#include "http/message.h"
#include "kube/token_file.h"

namespace ghstats::kube {
namespace {

constexpr std::size_t kMaxAuthorityBytes = 1UL << 20U;
constexpr std::size_t kMaxNamespaceBytes = 4UL << 10U;

Result<std::string> variable(const Environment& environment, const std::string& name) {
  auto value = environment(name);
  if (!value || value->empty()) {
    return fail(ErrorCode::kNotFound, fmt::format("not in a Kubernetes cluster: {} is not set", name));
  }
  return *std::move(value);
}

Result<std::string> api_server(const Environment& environment) {
  const auto host = variable(environment, "KUBERNETES_SERVICE_HOST");
  if (!host) return host;
  const auto port = variable(environment, "KUBERNETES_SERVICE_PORT");
  if (!port) return port;
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port->data(), port->data() + port->size(), number);
  if (error != std::errc{} || end != port->data() + port->size() || number == 0) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("KUBERNETES_SERVICE_PORT: '{}' is no port", *port));
  }
  boost::system::error_code not_v6;
  boost::asio::ip::make_address_v6(*host, not_v6);
  std::string url =
      not_v6 ? fmt::format("https://{}:{}", *host, number) : fmt::format("https://[{}]:{}", *host, number);
  const auto origin = http::origin_of(url);
  const bool only_host = host->find_first_of("/?#@") == std::string::npos;
  if (!origin || !only_host) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("KUBERNETES_SERVICE_HOST: '{}' is no host", *host));
  }
  return url;
}

// What is configured is used for the Lease, so a pod that is not told its namespace has lost nothing.
std::string pod_namespace(const std::string& path) {
  const auto text = read_regular_file(path, kMaxNamespaceBytes);
  if (!text) return {};
  const auto end = text->find_first_of(" \t\r\n");
  return text->substr(0, end);
}

}  // namespace

Result<InCluster> find_in_cluster(const Environment& environment, const ServiceAccountFiles& files) {
  auto server = api_server(environment);
  if (!server) return fail(server.error());
  const auto token = read_token(files.token);
  if (!token) return fail(token.error());
  const auto authority = read_regular_file(files.authority, kMaxAuthorityBytes);
  if (!authority) {
    return fail(authority.error().with_context(fmt::format("the cluster's CA file '{}'", files.authority)));
  }
  return InCluster{.api_server = *std::move(server),
                   .token_file = files.token,
                   .ca_file = files.authority,
                   .in_namespace = pod_namespace(files.pod_namespace)};
}

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nobody sets variables
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace ghstats::kube
