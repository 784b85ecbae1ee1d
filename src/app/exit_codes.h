// How the program ends (contract.md section 1).
#pragma once

namespace ghstats::app {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUnusableConfiguration = 2;

}  // namespace ghstats::app
