#include "app/queue_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "backfill/job.h"
#include "base/duration.h"
#include "base/time_format.h"
#include "log/escape.h"

namespace ghstats::app {
namespace {

constexpr std::size_t kMaxCellBytes = 100;
constexpr std::size_t kMaxErrorBytes = 200;
constexpr std::size_t kMaxPayloadBytes = 200;
constexpr std::size_t kMaxJsonPayloadBytes = 4'096;
constexpr std::string_view kNone = "-";

using Row = std::vector<std::string>;

struct Column {
  std::string_view title;
  bool is_number = false;
};

// The last column is not filled up.
std::string table(std::span<const Column> columns, const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  Row titles;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    titles.emplace_back(columns[i].title);
    widths.push_back(titles[i].size());
    for (const Row& row : rows) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  const auto add = [&](const Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += "  ";
      const std::string fill(widths[i] - row[i].size(), ' ');
      if (columns[i].is_number) out += fill;
      out += row[i];
      if (!columns[i].is_number && i + 1 < row.size()) out += fill;
    }
    out += '\n';
  };
  add(titles);
  std::ranges::for_each(rows, add);
  return out;
}

// Not in the middle of a character.
std::string_view cut(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  constexpr std::size_t kMaxContinuation = 3;
  while (end > 0 && max_bytes - end < kMaxContinuation && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end);
}

std::string for_people(std::string_view text, std::size_t max_bytes, bool quoted = false) {
  std::string out;
  if (quoted) out += '"';
  log::append_text_escaped(out, cut(text, max_bytes), quoted);
  if (quoted) out += '"';
  if (text.size() > max_bytes) out += fmt::format("... ({} bytes)", text.size());
  return out;
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  log::append_json_escaped(out, text);
  return out + '"';
}

std::int64_t seconds(std::chrono::nanoseconds age) {
  return std::chrono::floor<std::chrono::seconds>(age).count();
}

std::string age_text(std::chrono::nanoseconds age) {
  return format_duration(std::chrono::floor<std::chrono::seconds>(age));
}

std::chrono::nanoseconds age_of(const queue::Message& message, TimePoint now) {
  return std::max<std::chrono::nanoseconds>(now - message.created_at, std::chrono::nanoseconds{0});
}

// What it says if it is a job, or why it is none.
Result<backfill::Job> job_of(const queue::ReadMessage& read) {
  if (!read.status) return fail(read.status.error());
  return backfill::parse_message(read.message.payload);
}

std::string what_went_wrong(const queue::Message& message, const Result<backfill::Job>& job) {
  std::string out = for_people(message.last_error, kMaxErrorBytes);
  if (job) return out.empty() ? std::string(kNone) : out;
  if (out.empty()) out = for_people(job.error().message, kMaxErrorBytes);
  return out + "; payload: " + for_people(message.payload, kMaxPayloadBytes, true);
}

Row peek_row(const PeekedMessage& peeked, TimePoint now) {
  const queue::Message& message = peeked.read.message;
  const auto job = job_of(peeked.read);
  Row row{peeked.queue};
  if (job) {
    row.insert(row.end(), {for_people(job->job_id, kMaxCellBytes), for_people(job->org, kMaxCellBytes),
                           for_people(job->repo, kMaxCellBytes), std::string(to_string(job->reason)),
                           format_rfc3339(job->window.begin) + "/" + format_rfc3339(job->window.end)});
  } else {
    row.resize(row.size() + 5, std::string(kNone));
  }
  row.insert(row.end(),
             {std::to_string(message.attempt), age_text(age_of(message, now)), what_went_wrong(message, job)});
  return row;
}

std::string peek_object(const PeekedMessage& peeked, TimePoint now) {
  const queue::Message& message = peeked.read.message;
  const auto job = job_of(peeked.read);
  std::string out = fmt::format(R"({{"queue":{},)", json_string(peeked.queue));
  if (job) {
    out += fmt::format(R"("job_id":{},"org":{},"repo":{},"reason":{},"window_start":"{}","window_end":"{}",)",
                       json_string(job->job_id), json_string(job->org), json_string(job->repo),
                       json_string(to_string(job->reason)), format_rfc3339(job->window.begin),
                       format_rfc3339(job->window.end));
  }
  out +=
      fmt::format(R"("attempt":{},"created_at":"{}","age_seconds":{},"last_error":{})", message.attempt,
                  format_rfc3339(message.created_at), seconds(age_of(message, now)), json_string(message.last_error));
  if (!job) {
    out += fmt::format(R"(,"problem":{},"payload":{},"payload_bytes":{})", json_string(job.error().message),
                       json_string(cut(message.payload, kMaxJsonPayloadBytes)), message.payload.size());
  }
  return out + "}";
}

}  // namespace

std::string stats_table(const std::vector<queue::QueueGlance>& queues) {
  static constexpr std::array kColumns = {Column{"QUEUE"}, Column{"READY", true}, Column{"OLDEST", true},
                                          Column{"CONSUMERS", true}};
  std::vector<Row> rows;
  for (const queue::QueueGlance& each : queues) {
    rows.push_back({each.queue, std::to_string(each.ready),
                    each.oldest_age ? age_text(*each.oldest_age) : std::string(kNone), std::to_string(each.consumers)});
  }
  return table(kColumns, rows);
}

std::string stats_json(const std::vector<queue::QueueGlance>& queues) {
  std::string out;
  for (const queue::QueueGlance& each : queues) {
    out += fmt::format(R"({}{{"queue":{},"ready":{},"oldest_age_seconds":{},"consumers":{}}})", out.empty() ? "" : ",",
                       json_string(each.queue), each.ready,
                       each.oldest_age ? std::to_string(seconds(*each.oldest_age)) : "null", each.consumers);
  }
  return "{\"queues\":[" + out + "]}\n";
}

std::string peek_table(const std::vector<PeekedMessage>& messages, TimePoint now) {
  static constexpr std::array kColumns = {Column{"QUEUE"},         Column{"JOB"},       Column{"ORG"},
                                          Column{"REPO"},          Column{"REASON"},    Column{"WINDOW"},
                                          Column{"ATTEMPT", true}, Column{"AGE", true}, Column{"LAST ERROR"}};
  if (messages.empty()) return "no messages\n";
  std::vector<Row> rows;
  for (const PeekedMessage& each : messages) rows.push_back(peek_row(each, now));
  return table(kColumns, rows);
}

std::string peek_json(const std::vector<PeekedMessage>& messages, TimePoint now) {
  std::string out;
  for (const PeekedMessage& each : messages) {
    if (!out.empty()) out += ",";
    out += peek_object(each, now);
  }
  return "{\"messages\":[" + out + "]}\n";
}

}  // namespace ghstats::app
