#include "amqp/rabbitmq_values.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ghstats::amqp {

namespace {

constexpr int kMaxDepth = 32;
constexpr std::uint8_t kPersistent = 2;

// Beyond what a clock of ours can hold, a timestamp is read as the last second of the year 9999 at most.
TimePoint to_time(std::uint64_t seconds) {
  constexpr std::uint64_t kLast = 253'402'300'799;
  // Nanoseconds since 1970 end in the year 2262.
  constexpr auto kLargest = std::chrono::floor<std::chrono::seconds>(TimePoint::max().time_since_epoch()).count();
  return from_unix_seconds(static_cast<std::int64_t>(std::min({seconds, kLast, static_cast<std::uint64_t>(kLargest)})));
}

std::int64_t to_integer(std::uint64_t number) {
  return static_cast<std::int64_t>(
      std::min(number, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())));
}

Table to_table(const amqp_table_t& table, int depth);

Value to_value(const amqp_field_value_t& field, int depth) {
  switch (field.kind) {
    case AMQP_FIELD_KIND_BOOLEAN:
      return field.value.boolean != 0;
    case AMQP_FIELD_KIND_I8:
      return field.value.i8;
    case AMQP_FIELD_KIND_U8:
      return field.value.u8;
    case AMQP_FIELD_KIND_I16:
      return field.value.i16;
    case AMQP_FIELD_KIND_U16:
      return field.value.u16;
    case AMQP_FIELD_KIND_I32:
      return field.value.i32;
    case AMQP_FIELD_KIND_U32:
      return field.value.u32;
    case AMQP_FIELD_KIND_I64:
      return field.value.i64;
    case AMQP_FIELD_KIND_U64:
      return to_integer(field.value.u64);
    case AMQP_FIELD_KIND_F32:
      return static_cast<double>(field.value.f32);
    case AMQP_FIELD_KIND_F64:
      return field.value.f64;
    case AMQP_FIELD_KIND_DECIMAL:
      return field.value.decimal.value * std::pow(10.0, -static_cast<int>(field.value.decimal.decimals));
    case AMQP_FIELD_KIND_UTF8:
    case AMQP_FIELD_KIND_BYTES:
      return to_string(field.value.bytes);
    case AMQP_FIELD_KIND_TIMESTAMP:
      return to_time(field.value.u64);
    case AMQP_FIELD_KIND_TABLE:
      return depth < kMaxDepth ? Value(to_table(field.value.table, depth + 1)) : Value();
    case AMQP_FIELD_KIND_ARRAY: {
      if (depth >= kMaxDepth) return {};
      Array elements;
      for (int i = 0; i < field.value.array.num_entries; ++i) {
        elements.push_back(to_value(field.value.array.entries[i], depth + 1));
      }
      return elements;
    }
    default:
      return {};
  }
}

Table to_table(const amqp_table_t& table, int depth) {
  Table fields;
  for (int i = 0; i < table.num_entries; ++i) {
    fields.insert_or_assign(to_string(table.entries[i].key), to_value(table.entries[i].value, depth));
  }
  return fields;
}

}  // namespace

std::string to_string(amqp_bytes_t bytes) {
  return bytes.len == 0 ? std::string() : std::string(static_cast<const char*>(bytes.bytes), bytes.len);
}

amqp_bytes_t to_bytes(std::string_view text) {
  // librabbitmq does not write through it.
  return {.len = text.size(), .bytes = const_cast<char*>(text.data())};
}

Table to_table(const amqp_table_t& table) {
  return to_table(table, 1);
}

Properties to_properties(const amqp_basic_properties_t& from) {
  const auto has = [&](amqp_flags_t flag) { return (from._flags & flag) != 0; };
  const auto text = [&](amqp_flags_t flag, amqp_bytes_t bytes) { return has(flag) ? to_string(bytes) : std::string(); };
  Properties to;
  to.content_type = text(AMQP_BASIC_CONTENT_TYPE_FLAG, from.content_type);
  to.content_encoding = text(AMQP_BASIC_CONTENT_ENCODING_FLAG, from.content_encoding);
  if (has(AMQP_BASIC_HEADERS_FLAG)) to.headers = to_table(from.headers);
  to.persistent = has(AMQP_BASIC_DELIVERY_MODE_FLAG) && from.delivery_mode == kPersistent;
  if (has(AMQP_BASIC_PRIORITY_FLAG)) to.priority = from.priority;
  to.correlation_id = text(AMQP_BASIC_CORRELATION_ID_FLAG, from.correlation_id);
  to.reply_to = text(AMQP_BASIC_REPLY_TO_FLAG, from.reply_to);
  to.expiration = text(AMQP_BASIC_EXPIRATION_FLAG, from.expiration);
  to.message_id = text(AMQP_BASIC_MESSAGE_ID_FLAG, from.message_id);
  if (has(AMQP_BASIC_TIMESTAMP_FLAG)) to.timestamp = to_time(from.timestamp);
  to.type = text(AMQP_BASIC_TYPE_FLAG, from.type);
  to.user_id = text(AMQP_BASIC_USER_ID_FLAG, from.user_id);
  to.app_id = text(AMQP_BASIC_APP_ID_FLAG, from.app_id);
  return to;
}

amqp_field_value_t RabbitmqValues::field(const Value& value) {
  amqp_field_value_t field{};
  field.kind = AMQP_FIELD_KIND_VOID;
  if (const bool* flag = value.boolean()) {
    field.kind = AMQP_FIELD_KIND_BOOLEAN;
    field.value.boolean = *flag ? 1 : 0;
  } else if (const std::int64_t* integer = value.integer()) {
    field.kind = AMQP_FIELD_KIND_I64;
    field.value.i64 = *integer;
  } else if (const double* number = value.number()) {
    field.kind = AMQP_FIELD_KIND_F64;
    field.value.f64 = *number;
  } else if (const std::string* text = value.string()) {
    field.kind = AMQP_FIELD_KIND_UTF8;
    field.value.bytes = to_bytes(*text);
  } else if (const TimePoint* time = value.time()) {
    field.kind = AMQP_FIELD_KIND_TIMESTAMP;
    field.value.u64 = static_cast<std::uint64_t>(std::max<std::int64_t>(to_unix_seconds(*time), 0));
  } else if (const Table* fields = value.table()) {
    field.kind = AMQP_FIELD_KIND_TABLE;
    field.value.table = table(*fields);
  } else if (const Array* elements = value.array()) {
    std::vector<amqp_field_value_t> made;
    made.reserve(elements->size());
    for (const Value& element : *elements) made.push_back(this->field(element));
    auto& kept = arrays_.emplace_back(std::move(made));
    field.kind = AMQP_FIELD_KIND_ARRAY;
    field.value.array = {.num_entries = static_cast<int>(kept.size()), .entries = kept.data()};
  }
  return field;
}

amqp_table_t RabbitmqValues::table(const Table& table) {
  std::vector<amqp_table_entry_t> made;
  made.reserve(table.size());
  for (const auto& [name, value] : table) made.push_back({.key = to_bytes(name), .value = field(value)});
  auto& kept = tables_.emplace_back(std::move(made));
  return {.num_entries = static_cast<int>(kept.size()), .entries = kept.data()};
}

amqp_basic_properties_t RabbitmqValues::properties(const Properties& from) {
  amqp_basic_properties_t to{};
  const auto set_text = [&](amqp_flags_t flag, amqp_bytes_t& field, const std::string& text) {
    if (text.empty()) return;
    to._flags |= flag;
    field = to_bytes(text);
  };
  set_text(AMQP_BASIC_CONTENT_TYPE_FLAG, to.content_type, from.content_type);
  set_text(AMQP_BASIC_CONTENT_ENCODING_FLAG, to.content_encoding, from.content_encoding);
  set_text(AMQP_BASIC_CORRELATION_ID_FLAG, to.correlation_id, from.correlation_id);
  set_text(AMQP_BASIC_REPLY_TO_FLAG, to.reply_to, from.reply_to);
  set_text(AMQP_BASIC_EXPIRATION_FLAG, to.expiration, from.expiration);
  set_text(AMQP_BASIC_MESSAGE_ID_FLAG, to.message_id, from.message_id);
  set_text(AMQP_BASIC_TYPE_FLAG, to.type, from.type);
  set_text(AMQP_BASIC_USER_ID_FLAG, to.user_id, from.user_id);
  set_text(AMQP_BASIC_APP_ID_FLAG, to.app_id, from.app_id);
  if (!from.headers.empty()) {
    to._flags |= AMQP_BASIC_HEADERS_FLAG;
    to.headers = table(from.headers);
  }
  to._flags |= AMQP_BASIC_DELIVERY_MODE_FLAG;
  to.delivery_mode = from.persistent ? kPersistent : 1;
  if (from.priority) {
    to._flags |= AMQP_BASIC_PRIORITY_FLAG;
    to.priority = *from.priority;
  }
  if (from.timestamp) {
    to._flags |= AMQP_BASIC_TIMESTAMP_FLAG;
    to.timestamp = static_cast<std::uint64_t>(std::max<std::int64_t>(to_unix_seconds(*from.timestamp), 0));
  }
  return to;
}

}  // namespace ghstats::amqp
