#include "redis/sentinel_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "redis/server_error.h"

namespace ghstats::redis {

namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Of a flat list of names and values.
std::int64_t epoch_of(const Reply& fields) {
  const auto* list = fields.array();
  if (list == nullptr) return 0;
  for (std::size_t i = 0; i + 1 < list->size(); i += 2) {
    const std::string* name = (*list)[i].string();
    const std::string* value = (*list)[i + 1].string();
    if (name != nullptr && value != nullptr && *name == "config-epoch") {
      return parse_number<std::int64_t>(*value).value_or(0);
    }
  }
  return 0;
}

}  // namespace

std::vector<Command> sentinel_questions(const std::string& master_set) {
  // During a failover SENTINEL MASTER still shows the old address, with the new epoch: the address is asked for by the
  // command that is meant for it.
  std::vector<Command> questions;
  questions.emplace_back("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master_set);
  questions.emplace_back("SENTINEL", "MASTER", master_set);
  return questions;
}

Result<SentinelAnswer> read_sentinel_answer(const std::string& master_set, const std::vector<Reply>& replies) {
  if (replies.size() != 2) return fail(ErrorCode::kInternal, "an answer to each question is needed");
  if (const ServerError* error = replies[0].error()) return fail(to_error(*error));
  if (replies[0].is_nil()) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("knows no master set '{}'", master_set));
  }
  const auto* address = replies[0].array();
  const bool two = address != nullptr && address->size() == 2;
  const std::string* host = two ? (*address)[0].string() : nullptr;
  const std::string* port_text = two ? (*address)[1].string() : nullptr;
  const auto port = port_text != nullptr ? parse_number<std::uint16_t>(*port_text) : std::nullopt;
  if (host == nullptr || host->empty() || !port || *port == 0) {
    return fail(ErrorCode::kInvalidData, "sent no address");
  }
  return SentinelAnswer{.master = {.host = *host, .port = *port}, .epoch = epoch_of(replies[1])};
}

Result<SentinelAnswer> choose_master(const std::vector<SentinelAnswer>& answers, std::size_t configured,
                                     std::int64_t known_epoch) {
  const auto newest = std::ranges::max_element(answers, {}, &SentinelAnswer::epoch);
  const bool most_answered = answers.size() * 2 > configured;
  if (newest->epoch < known_epoch && !most_answered) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("only {} of {} Sentinels answered, and they are behind: epoch {}, but there was {}",
                            answers.size(), configured, newest->epoch, known_epoch));
  }
  return *newest;
}

Error no_sentinel_answered(const std::vector<Error>& errors) {
  Error out{ErrorCode::kUnavailable, "no Sentinel could tell the master"};
  if (std::ranges::any_of(errors, [](const Error& e) { return e.code == ErrorCode::kUnauthenticated; })) {
    out.code = ErrorCode::kUnauthenticated;
  } else if (!errors.empty() &&
             std::ranges::all_of(errors, [](const Error& e) { return e.code == ErrorCode::kInvalidArgument; })) {
    out.code = ErrorCode::kInvalidArgument;
  }
  const char* separator = ": ";
  for (const Error& error : errors) {
    out.message += separator + error.message;
    separator = "; ";
  }
  return out;
}

}  // namespace ghstats::redis
