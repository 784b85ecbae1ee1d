// What a connection says first, and what it makes of the answers.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "redis/command.h"
#include "redis/reply.h"

namespace ghstats::redis {

// Secret. Without both nothing is said; without a name it is the default user's password (all that Redis 5 knows).
struct Credentials {
  std::string username = {};
  std::string password = {};
};

struct Introduction {
  Credentials credentials = {};
  int db = 0;
  std::string client_name = {};  // shown by CLIENT LIST; blanks are replaced. A server may forbid it without harm
};

// AUTH, CLIENT SETNAME and SELECT where they are needed, then PING, which fails while the server is loading its data:
// all in one round trip.
std::vector<Command> introduce(const Introduction& introduction);

// kUnauthenticated: wrong password, or one is wanted. kInvalidArgument: no such database, a cluster.
// kPermissionDenied: the user may not connect, SELECT or PING. kUnavailable: loading, too many clients. Never shows the
// credentials, also where the server repeats them.
Status judge(const Introduction& introduction, const std::vector<Reply>& replies);

}  // namespace ghstats::redis
