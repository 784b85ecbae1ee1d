// The files a configuration names: read now, so that a wrong path is an error with a line and not a surprise at night.
#pragma once

#include <string>

#include "base/error.h"
#include "config/environment.h"
#include "config/table.h"

namespace ghstats::config {

// The content of the file at `path`, checked for what `format` (one of the file formats) promises. Secrets come without
// one trailing newline. Messages are about the file and hold neither its path nor any of its content.
Result<std::string> load_checked_file(Format format, const std::string& path, const Environment& environment);

// Printable ASCII without blanks. The message goes on after "the file " or "the variable ".
Status check_token(const std::string& token);

}  // namespace ghstats::config
