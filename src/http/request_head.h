// What the head of a request must be like before anything in it is believed (RFC 9112), without I/O. Stricter than the
// RFC wherever two readers could see different requests in the same bytes.
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <cstddef>
#include <optional>
#include <string_view>

namespace ghstats::http {

using RequestFields = boost::beast::http::request_header<boost::beast::http::fields>;

// The status that refuses the request, after which the connection must be closed; absent: it is in order.
using Refusal = std::optional<int>;

// Whether these bytes, the first of a connection's next request, can become one at all: something else than HTTP must
// not wait for the end of a head that never comes.
Refusal check_beginning(std::string_view bytes);

// `head` is the request line and the fields with the empty line behind them. 400 for control characters, line ends
// that are not CR LF, and lines that go on in the next one.
Refusal check_lines(std::string_view head);

// Where the body ends, and for which host the request is. 400: more than one Content-Length or one that is no number,
// a Transfer-Encoding beside it or in HTTP/1.0, no Host or more than one in HTTP/1.1, a Host that is none. 501: a
// transfer coding other than chunked.
Refusal check_fields(const RequestFields& fields);

}  // namespace ghstats::http
