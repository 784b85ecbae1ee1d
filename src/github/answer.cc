#include "github/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cctype>

#include "base/time_format.h"
#include "github/attempt.h"

namespace ghstats::github {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxMessageBytes = 200;
constexpr std::size_t kMaxErrorBodyBytes = 64UL << 10U;

struct ErrorBody {
  std::string message;
  std::string documentation_url;
};

ErrorBody read_error_body(const http::Response& response) {
  ErrorBody out;
  if (response.body.empty() || response.body.size() > kMaxErrorBodyBytes) return out;
  boost::system::error_code error;
  const json::value body = json::parse(response.body, error);
  if (error || !body.is_object()) return out;
  const auto read = [&](std::string_view name, std::string& to) {
    const json::value* field = body.get_object().if_contains(name);
    if (field != nullptr && field->is_string()) to = std::string_view(field->get_string());
  };
  read("message", out.message);
  read("documentation_url", out.documentation_url);
  return out;
}

bool contains(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  return !std::ranges::search(text, lower, same).empty();
}

bool says_secondary(const ErrorBody& body) {
  return contains(body.message, "secondary rate") || body.documentation_url.ends_with("secondary-rate-limits") ||
         body.documentation_url.ends_with("#abuse-rate-limits");
}

// 403 and 429, in the order of github-api.md 2.2.
AnswerKind classify_refusal(const http::Response& response) {
  const RateLimitHeaders headers = read_rate_limit(response.headers);
  if (headers.remaining == 0) return AnswerKind::kPrimaryLimit;
  const ErrorBody body = read_error_body(response);
  if (says_secondary(body) || headers.retry_after || response.status == 429) return AnswerKind::kSecondaryLimit;
  if (contains(body.message, "installation has been suspended")) return AnswerKind::kUnauthenticated;
  if (contains(body.message, "access blocked")) return AnswerKind::kBlocked;
  return AnswerKind::kForbidden;
}

ErrorCode code_of(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::kUnauthenticated:
      return ErrorCode::kUnauthenticated;
    case AnswerKind::kForbidden:
    case AnswerKind::kBlocked:
      return ErrorCode::kPermissionDenied;
    case AnswerKind::kNotFound:
      return ErrorCode::kNotFound;
    case AnswerKind::kConflict:
      return ErrorCode::kConflict;
    case AnswerKind::kPrimaryLimit:
    case AnswerKind::kSecondaryLimit:
      return ErrorCode::kRateLimited;
    case AnswerKind::kServerError:
      return ErrorCode::kUnavailable;
    case AnswerKind::kOk:
    case AnswerKind::kRedirect:
    case AnswerKind::kUnexpected:
      return ErrorCode::kInvalidData;
  }
  std::unreachable();
}

// GitHub names the permission an endpoint needs in every answer; what is off there is no permission.
bool is_policy_refusal(const http::Response& response) {
  const std::string message = read_error_body(response).message;
  return contains(message, "policy") && contains(message, "must be enabled");
}

// By the headers of a 403; may be empty.
std::string what_is_missing(const http::Response& response) {
  if (is_policy_refusal(response)) return "";
  const http::Headers& headers = response.headers;
  // The value of X-GitHub-SSO holds a URL that authorises: it is not repeated.
  if (headers.get("x-github-sso")) return "the token is not authorised for the organisation's SAML single sign-on";
  const auto needed = headers.get("x-accepted-github-permissions");
  return needed && !needed->empty() ? fmt::format("needs {}", one_line(std::string(*needed))) : "";
}

// Without the query, which may hold secrets, and without what stands before an '@'.
std::string target_of(const http::Headers& headers) {
  const std::string_view location = headers.get("location").value_or("");
  std::string_view shown = location.substr(0, location.find_first_of("?#"));
  const auto user_information = shown.rfind('@');
  if (user_information != std::string_view::npos) shown.remove_prefix(user_information + 1);
  return fmt::format("redirects to {}", one_line(std::string(shown)));
}

// What kind and headers add to GitHub's own words.
std::string hint_of(const Answer& answer) {
  switch (answer.kind) {
    case AnswerKind::kPrimaryLimit:
      return "primary rate limit used up";
    case AnswerKind::kSecondaryLimit:
      return "secondary rate limit";
    case AnswerKind::kForbidden:
      return what_is_missing(answer.response);
    case AnswerKind::kRedirect:
      return target_of(answer.response.headers);
    default:
      return "";
  }
}

}  // namespace

AnswerKind classify(const http::Response& response) {
  const int status = response.status;
  if (status >= 200 && status < 300) return AnswerKind::kOk;
  if (status >= 500) return AnswerKind::kServerError;
  if (is_redirect(response)) return AnswerKind::kRedirect;
  switch (status) {
    case 401:
      return AnswerKind::kUnauthenticated;
    case 403:
    case 429:
      return classify_refusal(response);
    case 404:
    case 410:
      return AnswerKind::kNotFound;
    case 409:
      return AnswerKind::kConflict;
    case 451:
      return AnswerKind::kBlocked;
    default:
      return AnswerKind::kUnexpected;
  }
}

bool is_redirect(const http::Response& response) {
  const int status = response.status;
  return (status == 301 || status == 302 || status == 307 || status == 308) && response.headers.get("location");
}

Error error_of(const Answer& answer) {
  std::string text = fmt::format("HTTP {}", answer.response.status);
  const std::string message = message_of(answer.response);
  if (!message.empty()) text += ": " + message;
  const std::string hint = hint_of(answer);
  if (!hint.empty()) text += fmt::format(" ({})", hint);
  return Error{code_of(answer.kind), std::move(text)};
}

bool is_permission_refusal(const http::Response& response) {
  const std::string message = read_error_body(response).message;
  if (contains(message, "try again")) return false;  // a wait, whatever its name
  if (is_policy_refusal(response) || !what_is_missing(response).empty()) return true;
  return contains(message, "not accessible by") || contains(message, "saml") || contains(message, "forbids access") ||
         contains(message, "must have");
}

std::string refusal_reason(const http::Response& response) {
  std::string missing = what_is_missing(response);
  if (!missing.empty()) return missing;
  std::string message = message_of(response);
  return message.empty() ? fmt::format("HTTP {}", response.status) : message;
}

std::optional<TimePoint> date_of(const http::Response& response) {
  const auto text = response.headers.get("date");
  if (!text) return std::nullopt;
  const auto date = parse_http_date(*text);
  return date ? std::optional(*date) : std::nullopt;
}

std::string message_of(const http::Response& response) {
  return one_line(read_error_body(response).message);
}

std::string one_line(std::string text) {
  if (text.size() > kMaxMessageBytes) {
    std::size_t end = kMaxMessageBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // not inside a character
    text.resize(end);
    text += "...";
  }
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; }, ' ');
  while (text.ends_with('.') && !text.ends_with("...")) text.pop_back();
  return text;
}

std::string redact(std::string text, std::string_view secret) {
  if (secret.empty()) return text;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    text.replace(at, secret.size(), "[redacted]");
  }
  return text;
}

}  // namespace ghstats::github
