#pragma once

namespace ghstats::config {

// One visitor made of a lambda for each alternative.
template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

}  // namespace ghstats::config
