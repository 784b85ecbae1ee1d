#include "redis/command.h"

#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <array>
#include <random>
#include <vector>

namespace ghstats::redis {
namespace {

using namespace std::string_literals;

std::string encoded(const Command& command) {
  std::string out;
  command.encode_to(out);
  return out;
}

std::string as_hiredis_does(const std::vector<std::string>& arguments) {
  std::vector<const char*> pointers;
  std::vector<std::size_t> sizes;
  for (const auto& argument : arguments) {
    pointers.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  char* out = nullptr;
  const auto size = redisFormatCommandArgv(&out, static_cast<int>(arguments.size()), pointers.data(), sizes.data());
  std::string bytes(out, static_cast<std::size_t>(size));
  redisFreeCommand(out);
  return bytes;
}

TEST(Command, IsEncodedAsTheProtocolSays) {
  EXPECT_EQ(encoded(Command("SET", "key", "a\r\n\0b"s, "PX", 30'000)),
            "*5\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\na\r\n\0b\r\n$2\r\nPX\r\n$5\r\n30000\r\n"s);
  EXPECT_EQ(encoded(Command("X", "", -7L)), "*3\r\n$1\r\nX\r\n$0\r\n\r\n$2\r\n-7\r\n");
}

TEST(Command, AgreesWithHiredisForAnyBytes) {
  std::mt19937 engine(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> arguments{"CMD"};
    Command command("CMD");
    for (auto count = engine() % 30; count > 0; --count) {
      std::string argument(engine() % 200, '\0');
      for (char& c : argument) c = static_cast<char>(engine() % 256);
      command.add(argument);
      arguments.push_back(argument);
    }
    ASSERT_EQ(encoded(command), as_hiredis_does(arguments));
    ASSERT_EQ(command.size(), arguments.size());
    ASSERT_GE(command.encoded_size(), encoded(command).size());
  }
}

TEST(Command, KnowsItsName) {
  EXPECT_EQ(Command("XADD", "stream", "*").name(), "XADD");
}

}  // namespace
}  // namespace ghstats::redis
