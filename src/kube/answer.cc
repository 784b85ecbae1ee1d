#include "kube/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ghstats::kube {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxMessageBytes = 400;
constexpr std::size_t kMaxStrangeBytes = 80;

struct StatusBody {
  std::string reason;
  std::string message;
  std::optional<std::int64_t> retry_after_seconds;
};

std::string text_of(const json::object& object, std::string_view field) {
  const json::value* value = object.if_contains(field);
  return value != nullptr && value->is_string() ? std::string(std::string_view(value->get_string())) : "";
}

std::optional<StatusBody> read_status(const std::string& body) {
  boost::system::error_code error;
  const json::value value = json::parse(body, error);
  if (error || !value.is_object()) return std::nullopt;
  const json::object& status = value.get_object();
  if (text_of(status, "kind") != "Status") return std::nullopt;
  StatusBody out{text_of(status, "reason"), text_of(status, "message"), {}};
  const json::value* details = status.if_contains("details");
  if (details == nullptr || !details->is_object()) return out;
  const json::value* wait = details->get_object().if_contains("retryAfterSeconds");
  if (wait != nullptr && wait->is_int64()) out.retry_after_seconds = wait->get_int64();
  return out;
}

std::string one_line(std::string_view text, std::size_t limit) {
  std::string out(text.substr(0, limit));
  if (text.size() > limit) {
    // Not inside a character: what is cut off begins one.
    for (std::size_t end = limit; end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U;)
      out.resize(--end);
    out += "...";
  }
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7F'; }, ' ');
  while (out.ends_with('.') && !out.ends_with("...")) out.pop_back();
  return out;
}

std::optional<std::int64_t> retry_after(const http::Response& response, const std::optional<StatusBody>& status) {
  if (const auto header = response.headers.get("Retry-After")) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(header->data(), header->data() + header->size(), seconds);
    if (error == std::errc{} && end == header->data() + header->size()) return seconds;
  }
  return status ? status->retry_after_seconds : std::nullopt;
}

ErrorCode code_of(int http_status, const std::optional<StatusBody>& status) {
  switch (http_status) {
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:  // a Lease may be created for the first kind only
      return status && status->reason == "NotFound" ? ErrorCode::kNotFound : ErrorCode::kInvalidData;
    case 409:
      return ErrorCode::kConflict;
    case 413:
      return ErrorCode::kTooLarge;
    case 429:
      return ErrorCode::kRateLimited;
    default:
      if (http_status >= 500) return ErrorCode::kUnavailable;
      return http_status >= 400 ? ErrorCode::kInvalidArgument : ErrorCode::kInvalidData;
  }
}

}  // namespace

bool is_success(const http::Response& response) {
  return response.status >= 200 && response.status < 300;
}

Error error_of(const http::Response& response) {
  const auto status = read_status(response.body);
  std::string message = fmt::format("HTTP {}", response.status);
  if (status) {
    if (!status->reason.empty()) message += " " + one_line(status->reason, kMaxStrangeBytes);
    if (!status->message.empty()) message += ": " + one_line(status->message, kMaxMessageBytes);
  } else if (response.body.empty()) {
    message += ", without a body";
  } else {
    message += fmt::format(", not a Kubernetes Status: '{}'", one_line(response.body, kMaxStrangeBytes));
  }
  const auto wait = retry_after(response, status);
  if (wait && *wait > 0) message += fmt::format(" (retry after {} s)", *wait);
  return {code_of(response.status, status), std::move(message)};
}

}  // namespace ghstats::kube
