#include "activity/strategy.h"

#include <utility>

namespace ghstats::activity {

std::string_view to_string(CycleResult result) {
  switch (result) {
    case CycleResult::kSuccess:
      return "success";
    case CycleResult::kPartial:
      return "partial";
    case CycleResult::kFailure:
      return "failure";
    case CycleResult::kCancelled:
      return "cancelled";
  }
  std::unreachable();
}

}  // namespace ghstats::activity
