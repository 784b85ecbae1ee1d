#include "redis/reply.h"

#include <fmt/format.h>

#include <algorithm>

namespace ghstats::redis {

namespace {

std::unexpected<Error> not_a(std::string_view wanted, const Reply& reply) {
  if (const ServerError* error = reply.error()) return fail(to_error(*error));
  return fail(ErrorCode::kInvalidData, fmt::format("the server answered {} instead of {}", reply.kind(), wanted));
}

}  // namespace

std::string Reply::kind() const {
  if (is_nil()) return "nil";
  if (string() != nullptr) return "a string";
  if (integer() != nullptr) return "an integer";
  if (error() != nullptr) return "an error";
  return fmt::format("an array of {}", array()->size());
}

bool operator==(const Reply& a, const Reply& b) {
  return a.value_ == b.value_;
}

Result<std::string> take_string(Reply reply) {
  if (std::string* text = reply.string()) return std::move(*text);
  return not_a("a string", reply);
}

Result<std::int64_t> take_integer(const Reply& reply) {
  if (const std::int64_t* number = reply.integer()) return *number;
  return not_a("an integer", reply);
}

Result<Reply::Array> take_array(Reply reply) {
  if (Reply::Array* elements = reply.array()) return std::move(*elements);
  return not_a("an array", reply);
}

Status check(const Reply& reply) {
  if (const ServerError* error = reply.error()) return fail(to_error(*error));
  return {};
}

Result<Reply> only_reply(std::string_view command, std::vector<Reply> replies) {
  if (replies.size() != 1) return fail(ErrorCode::kInternal, fmt::format("{}: {} replies", command, replies.size()));
  if (const ServerError* error = replies.front().error()) return fail(to_error(*error).with_context(command));
  return std::move(replies.front());
}

bool says_read_only(const Reply& reply) {
  if (const ServerError* error = reply.error()) return is_read_only(*error);
  const auto* elements = reply.array();
  return elements != nullptr && std::ranges::any_of(*elements, [](const Reply& element) {
           return element.error() != nullptr && is_read_only(*element.error());
         });
}

}  // namespace ghstats::redis
