// What an API server does with a lease.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "leader/lease.h"
#include "leader/lease_fsm.h"

namespace ghstats::leader::testing {

struct LeasePlace {
  std::optional<LeaseRecord> record;
  int version = 0;

  Result<LeaseObject> serve(const LeaseStep& request) {
    if (const auto* create = std::get_if<CreateLease>(&request)) {
      if (record) return fail(ErrorCode::kConflict, "exists");
      return write(create->record);
    }
    if (!record) return fail(ErrorCode::kNotFound, "no such lease");
    if (const auto* update = std::get_if<UpdateLease>(&request)) {
      if (update->base.version != std::to_string(version)) return fail(ErrorCode::kConflict, "modified");
      return write(update->record);
    }
    return object();
  }

 private:
  Result<LeaseObject> write(LeaseRecord written) {
    record = std::move(written);
    ++version;
    return object();
  }
  [[nodiscard]] LeaseObject object() const { return {*record, std::to_string(version), {}}; }
};

}  // namespace ghstats::leader::testing
