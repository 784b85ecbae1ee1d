// The command "healthcheck", for container HEALTHCHECK.
#pragma once

#include <string>

#include "app/config_commands.h"

namespace ghstats::app {

// The URL of /readyz of a program that listens on `listen_address` on this machine: a wildcard address is asked on
// loopback. kInvalidArgument when it is no address, or its port is 0 and so known to nobody.
Result<std::string> readiness_url(const std::string& listen_address);

// Asks it: exit code 0 when the answer is 200 within three seconds, else 1 and why.
CommandResult healthcheck(const std::string& listen_address);

}  // namespace ghstats::app
