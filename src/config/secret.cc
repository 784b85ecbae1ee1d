#include "config/secret.h"

#include <algorithm>

namespace ghstats::config {

std::string CredentialUrl::redacted() const {
  const auto scheme_end = url_.find("://");
  // Not a URL at all: it may be a bare password.
  if (scheme_end == std::string::npos) return url_.empty() ? "" : std::string(kRedacted);
  const std::size_t begin = scheme_end + 3;
  const std::size_t end = std::min(url_.find_first_of("?#", begin), url_.size());
  // The last '@' of the whole URL: a password may hold a '/' that was not encoded.
  const auto at = url_.rfind('@');
  std::string out = url_.substr(0, begin);
  if (at == std::string::npos || at < begin) {
    out += url_.substr(begin, end - begin);
  } else {
    out += std::string(kRedacted) + "@";
    const std::size_t host = at + 1;
    const std::size_t stop = std::min(url_.find_first_of("?#", host), url_.size());
    out += url_.substr(host, stop - host);
  }
  return out;
}

}  // namespace ghstats::config
