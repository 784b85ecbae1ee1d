// Files that an operator names: read whole, never waited for.
#pragma once

#include <cstddef>
#include <string>

#include "base/error.h"

namespace ghstats {

// The content of the regular file at `path`; symbolic links are followed, as Kubernetes' secrets are such. Never waits
// for a FIFO's writer or a device. Errors: kNotFound, kPermissionDenied, kInvalidArgument (no regular file), kTooLarge
// (more than `limit` bytes), kUnavailable. Their messages go on after "the file ", "does not exist", and do not name
// it.
Result<std::string> read_regular_file(const std::string& path, std::size_t limit);

// What an open descriptor gives until its end, of whatever kind it is: waits for it. Does not close it. The last two
// errors of the above.
Result<std::string> read_to_end(int descriptor, std::size_t limit);

}  // namespace ghstats
