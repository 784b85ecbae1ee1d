#include "kube/testing/misfortune.h"

#include <algorithm>
#include <utility>

#include "kube/testing/status_body.h"

namespace ghstats::kube::testing {

Fault answering(int status, const std::string& reason, const std::string& message, int retry_after_seconds) {
  StatusDetails details;
  details.retry_after_seconds = retry_after_seconds;
  http::Response answer = status_answer(status, reason, message, details);
  if (retry_after_seconds > 0) answer.headers.add("Retry-After", std::to_string(retry_after_seconds));
  return {.answer = std::move(answer)};
}

Fault answering_body(int status, std::string body, const std::string& content_type) {
  http::Response answer;
  answer.status = status;
  answer.headers = {{"Content-Type", content_type}};
  answer.body = std::move(body);
  return {.answer = std::move(answer)};
}

Fault resetting_before() {
  return {.raw = "", .only_bytes = 0, .reset = true};
}

Fault resetting_after() {
  return {.only_bytes = 0, .reset = true};
}

Fault cutting_answer(std::size_t after_bytes) {
  return {.only_bytes = after_bytes};
}

void Misfortunes::add(Whose whose, Fault fault, int times) {
  faults_.push_back({std::move(whose), std::move(fault), times});
}

void Misfortunes::cut(Whose whose, Cut cut) {
  end_cut(whose);
  cuts_.push_back({std::move(whose), cut});
}

void Misfortunes::end_cut(const Whose& whose) {
  std::erase_if(cuts_, [&](const CutRule& rule) { return rule.whose == whose; });
}

void Misfortunes::delay(Whose whose, std::chrono::nanoseconds before, std::chrono::nanoseconds after) {
  std::erase_if(delays_, [&](const DelayRule& rule) { return rule.whose == whose; });
  delays_.push_back({std::move(whose), before, after});
}

void Misfortunes::clear() {
  faults_.clear();
  cuts_.clear();
  delays_.clear();
}

std::optional<Fault> Misfortunes::take_fault(const std::string& token, std::uint16_t port) {
  const auto found = std::ranges::find_if(
      faults_, [&](const FaultRule& rule) { return rule.left > 0 && rule.whose.matches(token, port); });
  if (found == faults_.end()) return std::nullopt;
  --found->left;
  return found->fault;
}

std::optional<Cut> Misfortunes::cut_of(const std::string& token, std::uint16_t port) const {
  const auto found = std::ranges::find_if(cuts_, [&](const CutRule& rule) { return rule.whose.matches(token, port); });
  return found == cuts_.end() ? std::nullopt : std::optional(found->cut);
}

std::chrono::nanoseconds Misfortunes::delay_before(const std::string& token, std::uint16_t port) const {
  std::chrono::nanoseconds out{0};
  for (const DelayRule& rule : delays_) {
    if (rule.whose.matches(token, port)) out = std::max(out, rule.before);
  }
  return out;
}

std::chrono::nanoseconds Misfortunes::delay_after(const std::string& token, std::uint16_t port) const {
  std::chrono::nanoseconds out{0};
  for (const DelayRule& rule : delays_) {
    if (rule.whose.matches(token, port)) out = std::max(out, rule.after);
  }
  return out;
}

}  // namespace ghstats::kube::testing
