// What a Redis server answers (RESP2: https://redis.io/docs/latest/develop/reference/protocol-spec/).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "redis/server_error.h"

namespace ghstats::redis {

// A value. Strings hold any bytes; a status ("+OK") is a string.
class Reply {
 public:
  using Array = std::vector<Reply>;

  Reply() = default;  // nil
  explicit Reply(std::string text) : value_(std::move(text)) {}
  explicit Reply(std::int64_t number) : value_(number) {}
  explicit Reply(ServerError error) : value_(std::move(error)) {}
  explicit Reply(Array elements) : value_(std::move(elements)) {}

  [[nodiscard]] bool is_nil() const { return std::holds_alternative<std::monostate>(value_); }

  // Null when it is something else.
  [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  [[nodiscard]] const ServerError* error() const { return std::get_if<ServerError>(&value_); }
  [[nodiscard]] const Array* array() const { return std::get_if<Array>(&value_); }
  [[nodiscard]] std::string* string() { return std::get_if<std::string>(&value_); }
  [[nodiscard]] Array* array() { return std::get_if<Array>(&value_); }

  // For messages: "a string", "an array of 3". Never shows content.
  [[nodiscard]] std::string kind() const;

  friend bool operator==(const Reply& a, const Reply& b);

 private:
  std::variant<std::monostate, std::string, std::int64_t, ServerError, Array> value_;
};

// The content, when it is of that kind. A server's error becomes to_error() (server_error.h), anything else
// kInvalidData.
Result<std::string> take_string(Reply reply);
Result<std::int64_t> take_integer(const Reply& reply);
Result<Reply::Array> take_array(Reply reply);
// Anything but an error will do.
Status check(const Reply& reply);
// The one reply to `command`, where an error is one.
Result<Reply> only_reply(std::string_view command, std::vector<Reply> replies);

// Whether it says so (is_read_only in server_error.h), an EXEC's elements included.
bool says_read_only(const Reply& reply);

}  // namespace ghstats::redis
