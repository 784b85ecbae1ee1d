#include "amqp/content.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ghstats::amqp {

Status ContentAssembler::begin(ContentMethod method) {
  if (content_) return fail(ErrorCode::kInvalidData, "the server began a message within another");
  content_ = Content{.method = std::move(method), .message = {}};
  has_header_ = false;
  return {};
}

Result<std::optional<Content>> ContentAssembler::header(ContentHeader header, std::uint64_t max_body_bytes) {
  if (!content_ || has_header_) {
    return fail(ErrorCode::kInvalidData, "the server sent a content header that belongs to nothing");
  }
  has_header_ = true;
  missing_ = header.body_size;
  content_->message.properties = std::move(header.properties);
  if (missing_ > max_body_bytes) content_->omitted_bytes = missing_;
  // Reserved only as it arrives: what a header announces costs nothing yet.
  constexpr std::uint64_t kTrusted = 128UL << 10U;
  if (content_->omitted_bytes == 0) content_->message.body.reserve(std::min(missing_, kTrusted));
  return finish();
}

Result<std::optional<Content>> ContentAssembler::body(std::string_view fragment) {
  if (!content_ || !has_header_) {
    return fail(ErrorCode::kInvalidData, "the server sent a part of a body that belongs to nothing");
  }
  if (fragment.size() > missing_) {
    return fail(ErrorCode::kInvalidData, "the server sent a longer body than it had announced");
  }
  missing_ -= fragment.size();
  if (content_->omitted_bytes == 0) content_->message.body += fragment;
  return finish();
}

std::optional<Content> ContentAssembler::finish() {
  if (missing_ > 0) return std::nullopt;
  return std::exchange(content_, std::nullopt);
}

}  // namespace ghstats::amqp
