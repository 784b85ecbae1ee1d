// Where brokers are and who we are there, as one URL (https://www.rabbitmq.com/uri-spec.html).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/endpoint.h"

namespace ghstats::amqp {

// Secret.
struct Credentials {
  std::string username = "guest";
  std::string password = "guest";
};

struct Url {
  bool tls = false;
  Credentials credentials = {};
  std::vector<net::Endpoint> hosts = {};  // at least one; tried in turn
  std::string vhost = "/";
  std::optional<std::chrono::seconds> heartbeat = {};  // 0: none
  std::optional<std::chrono::milliseconds> connection_timeout = {};
  std::string connection_name = {};
};

// "amqp[s]://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]...][/VHOST][?heartbeat=SECONDS&connection_timeout=MILLISECONDS
// &name=TEXT]". User, password, vhost and name are percent-encoded where they hold reserved characters; a password with
// an '@' that was not encoded is understood, too. Ports: 5672 and 5671 (TLS) unless told. Without a slash, and with
// nothing behind it, the vhost is "/". Options of other clients are refused, since ignoring one that asks for more
// safety would be a lie. kInvalidArgument; messages never show user or password.
Result<Url> parse_url(std::string_view text);

}  // namespace ghstats::amqp
