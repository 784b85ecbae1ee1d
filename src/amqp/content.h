// Messages arrive in pieces: a method, a header, and a body in as many frames as it takes. One channel's state.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "amqp/message.h"
#include "amqp/server_method.h"
#include "base/error.h"

namespace ghstats::amqp {

using ContentMethod = std::variant<BasicReturn, BasicDeliver, BasicGetOk>;

struct Content {
  ContentMethod method;
  Message message;
  std::uint64_t omitted_bytes = 0;  // see Delivery
};

// After kInvalidData, which says what came instead of what was due, the connection has to end.
class ContentAssembler {
 public:
  Status begin(ContentMethod method);
  // The content when there is no body.
  Result<std::optional<Content>> header(ContentHeader header, std::uint64_t max_body_bytes);
  // The content with its last fragment.
  Result<std::optional<Content>> body(std::string_view fragment);

  // Between a method and the end of its content, when nothing else may come on the channel.
  [[nodiscard]] bool under_way() const { return content_.has_value(); }

 private:
  std::optional<Content> finish();

  std::optional<Content> content_;
  bool has_header_ = false;
  std::uint64_t missing_ = 0;  // bytes of the body
};

}  // namespace ghstats::amqp
