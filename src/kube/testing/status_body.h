// The answers of an API server that are no object, word for word (apimachinery, pkg/api/errors/errors.go).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/client.h"

namespace ghstats::kube::testing {

struct StatusDetails {
  std::string name;
  std::string group;
  std::string kind;
  struct Cause {
    std::string reason;
    std::string message;
    std::string field;
  };
  std::vector<Cause> causes;
  int retry_after_seconds = 0;
};

http::Response json_answer(int code, std::string body);
http::Response status_answer(int code, std::string_view reason, std::string_view message,
                             const StatusDetails& details = {});

http::Response unauthorized();
http::Response bad_request(std::string_view message);
http::Response not_found(std::string_view name);
http::Response already_exists(std::string_view name);
http::Response conflict(std::string_view name, std::string_view why);
http::Response unsupported_media_type();
http::Response method_not_allowed();
http::Response no_such_resource();
http::Response no_such_path();
// As of field.ErrorList; `kind` is "Lease", or the resource where the server's storage complains.
http::Response invalid(std::string_view kind, std::string_view name, std::vector<StatusDetails::Cause> causes);

}  // namespace ghstats::kube::testing
