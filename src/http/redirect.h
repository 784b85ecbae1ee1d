// Whether and how a redirect is followed, as a decision without I/O.
#pragma once

#include <optional>
#include <string>

#include "http/client.h"

namespace ghstats::http {

// One request of the chain that a Request may become.
struct Hop {
  Method method = Method::kGet;
  std::string url;
  bool with_body = false;
};

// The first hop. kInvalidArgument as origin_of().
Result<Hop> first_hop(const Request& request);

// The hop that `response` asks for; nullopt when the response is the answer. `followed`: redirects so far.
// RFC 9110 15.4: 307 and 308 repeat the request, 303 (and, for a POST, 301 and 302) become a GET without a body.
// kInvalidData: too many, outside the origin (unless allowed), another scheme than http and https, from https to http,
// or no URL at all.
Result<std::optional<Hop>> next_hop(const Request& request, const Hop& hop, const Response& response, int followed);

// The header fields of a hop: those of the request (without Content-* when the body was dropped), and the credentials
// when the hop's origin is the one they are bound to.
Headers headers_of(const Request& request, const Hop& hop);

// scheme://host[:port]/path of a URL, for messages; "an unreadable URL" when it does not parse.
std::string printable_url(const std::string& url);

}  // namespace ghstats::http
