// What is asked of a Redis server.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ghstats::redis {

// A command and its arguments, kept as the bytes that go over the wire, so that a batch of thousands costs one string
// each. Arguments hold any bytes. A value.
class Command {
 public:
  // Command("SET", key, value, "PX", 30'000): strings, and integers in decimal.
  template <class... Arguments>
  explicit Command(std::string_view name, const Arguments&... arguments) {
    add(name);
    (add(arguments), ...);
  }

  Command& add(std::string_view argument);
  Command& add(const std::string& argument) { return add(std::string_view(argument)); }
  Command& add(const char* argument) { return add(std::string_view(argument)); }
  template <std::integral Number>
    requires(!std::same_as<Number, bool> && !std::same_as<Number, char>)
  Command& add(Number number) {
    return add(std::string_view(std::to_string(number)));
  }

  // For messages.
  [[nodiscard]] std::string_view name() const;
  // Arguments and the name.
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] std::size_t encoded_size() const { return kMaxHeader + arguments_.size(); }

  // Appends its bytes.
  void encode_to(std::string& out) const;

 private:
  static constexpr std::size_t kMaxHeader = 16;  // "*", a 32-bit count, CR LF

  std::string arguments_;  // "$5\r\nhello\r\n" each
  std::size_t count_ = 0;
};

// Commands of one call, for who may have to send them again: held, not copied.
using SharedCommands = std::shared_ptr<const std::vector<Command>>;

}  // namespace ghstats::redis
