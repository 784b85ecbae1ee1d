#include "redis/handshake.h"

#include <fmt/format.h>

#include <algorithm>

#include "redis/server_error.h"

namespace ghstats::redis {

namespace {

// Where the commands of introduce() stand.
enum class Step { kAuth, kSetName, kSelect, kPing };

std::vector<Step> steps(const Introduction& introduction) {
  std::vector<Step> out;
  if (!introduction.credentials.username.empty() || !introduction.credentials.password.empty()) {
    out.push_back(Step::kAuth);
  }
  if (!introduction.client_name.empty()) out.push_back(Step::kSetName);
  if (introduction.db != 0) out.push_back(Step::kSelect);
  out.push_back(Step::kPing);
  return out;
}

Command auth(const Credentials& credentials) {
  if (credentials.username.empty()) return Command("AUTH", credentials.password);
  return Command("AUTH", credentials.username, credentials.password);
}

std::string printable_name(std::string name) {
  std::ranges::replace_if(name, [](unsigned char c) { return c <= ' ' || c > '~'; }, '-');
  return name;
}

// A server whose AUTH was renamed away answers with the arguments: "ERR unknown command 'AUTH', with args beginning
// with: 'hunter2'".
Error auth_refused(const Credentials& credentials, ServerError error) {
  error.text.resize(std::min(error.text.size(), error.text.find(", with args")));
  const std::string& password = credentials.password;
  if (!password.empty() && error.text.find(password) != std::string::npos) error.text = error.prefix();
  Error refused = to_error(error);
  // Whatever the server found wrong with AUTH: without it there is no way in.
  if (refused.code == ErrorCode::kInternal || refused.code == ErrorCode::kInvalidArgument) {
    refused.code = ErrorCode::kUnauthenticated;
  }
  return refused.with_context(credentials.username.empty() ? std::string("the password is refused")
                                                           : fmt::format("user '{}' is refused", credentials.username));
}

Error select_refused(int db, const ServerError& error) {
  Error refused = to_error(error);
  if (refused.code == ErrorCode::kInternal) refused.code = ErrorCode::kInvalidArgument;
  return refused.with_context(fmt::format("database {} cannot be used", db));
}

Error ping_refused(const ServerError& error) {
  Error refused = to_error(error);
  if (refused.code == ErrorCode::kUnauthenticated) return refused.with_context("the server wants a password");
  if (error.prefix() == "NOPERM") return refused.with_context("the user needs +ping");
  return refused;
}

}  // namespace

std::vector<Command> introduce(const Introduction& introduction) {
  std::vector<Command> commands;
  for (const Step step : steps(introduction)) {
    switch (step) {
      case Step::kAuth:
        commands.push_back(auth(introduction.credentials));
        break;
      case Step::kSetName:
        commands.emplace_back("CLIENT", "SETNAME", printable_name(introduction.client_name));
        break;
      case Step::kSelect:
        commands.emplace_back("SELECT", introduction.db);
        break;
      case Step::kPing:
        commands.emplace_back("PING");
        break;
    }
  }
  return commands;
}

Status judge(const Introduction& introduction, const std::vector<Reply>& replies) {
  const auto expected = steps(introduction);
  for (std::size_t i = 0; i < std::min(expected.size(), replies.size()); ++i) {
    const ServerError* error = replies[i].error();
    if (error == nullptr) continue;
    switch (expected[i]) {
      case Step::kAuth:
        return fail(auth_refused(introduction.credentials, *error));
      case Step::kSetName:
        break;  // what is really wrong PING will say
      case Step::kSelect:
        return fail(select_refused(introduction.db, *error));
      case Step::kPing:
        return fail(ping_refused(*error));
    }
  }
  return {};
}

}  // namespace ghstats::redis
