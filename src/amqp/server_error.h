// What the program makes of a server's refusal.
#pragma once

#include "amqp/server_method.h"
#include "base/error.h"

namespace ghstats::amqp {

// "PRECONDITION_FAILED (406) at queue.declare: inequivalent arg 'x-message-ttl' for queue ...": code, method, the
// server's text, shortened to a line that a log can bear.
//   kUnavailable       CONNECTION_FORCED (320), RESOURCE_ERROR (506), INTERNAL_ERROR (541): the same may work later
//   kPermissionDenied  ACCESS_REFUSED (403)
//   kNotFound          NOT_FOUND (404), NO_ROUTE (312), NO_CONSUMERS (313)
//   kConflict          RESOURCE_LOCKED (405), PRECONDITION_FAILED (406), NOT_ALLOWED (530)
//   kTooLarge          CONTENT_TOO_LARGE (311); RabbitMQ's max_message_size, which is a PRECONDITION_FAILED (406) at
//                      basic.publish
//   kInvalidArgument   INVALID_PATH (402), COMMAND_INVALID (503), NOT_IMPLEMENTED (540): we asked for what it does not
//                      know, as an exchange type
//   kInternal          any other: we violated the protocol
Error to_error(const CloseMethod& close);

// Of a message that came back.
Error to_error(const BasicReturn& why);

}  // namespace ghstats::amqp
