// Whether a run of questions to GitHub goes on: decided without I/O, the same way wherever much is asked in a row.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/error.h"

namespace ghstats::github {

// No request would get through: no rate is left, or no token is to be had.
bool is_barred(const Error& error);

// One object per run (a cycle, the reviews of one repository). It opens when whatever is asked next would fail the same
// way, and stays open: what is asked in the next run is that run's to find out.
//   barred or cancelled   at once
//   silent                after `most_silent` questions in a row that brought no answer (no connection, a time-out, a
//                         5xx) although each was repeated. An answer, whatever it says, sets the count back to 0.
class BreakerFsm {
 public:
  explicit BreakerFsm(std::size_t most_silent) : most_silent_(most_silent) {}  // >= 1

  void on_answer() { silent_ = 0; }
  void on_error(const Error& error) { on_round(false, {&error, 1}); }

  // Several questions that count as one, like those about one repository. `answered`: at least one was served. Nothing
  // asked, nothing learnt.
  void on_round(bool answered, std::span<const Error> errors);

  // Why asking on is futile: the error that opened it. Absent while it is closed.
  [[nodiscard]] const std::optional<Error>& reason() const { return reason_; }
  [[nodiscard]] bool is_open() const { return reason_.has_value(); }

 private:
  std::size_t most_silent_;
  std::size_t silent_ = 0;  // in a row
  std::optional<Error> reason_;
};

}  // namespace ghstats::github
