#include "redis/command.h"

#include <fmt/format.h>

#include <iterator>

namespace ghstats::redis {

// Written by hand, because hiredis' formatting by argv allocates twice for every command and costs four times as much;
// the test compares the two.
Command& Command::add(std::string_view argument) {
  fmt::format_to(std::back_inserter(arguments_), FMT_STRING("${}\r\n"), argument.size());
  arguments_.append(argument).append("\r\n");
  ++count_;
  return *this;
}

std::string_view Command::name() const {
  const std::string_view all = arguments_;
  const auto begin = all.find("\r\n") + 2;
  return all.substr(begin, all.find("\r\n", begin) - begin);
}

void Command::encode_to(std::string& out) const {
  fmt::format_to(std::back_inserter(out), FMT_STRING("*{}\r\n"), count_);
  out.append(arguments_);
}

}  // namespace ghstats::redis
