// librabbitmq's tables and properties, from and to ours. For the two files that speak librabbitmq.
#pragma once

#include <amqp.h>
#include <amqp_framing.h>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "amqp/message.h"
#include "amqp/value.h"

namespace ghstats::amqp {

std::string to_string(amqp_bytes_t bytes);
// `text` must outlive the result.
amqp_bytes_t to_bytes(std::string_view text);

// Values nested deeper than anything sensible are read as void: the sender must not choose how deep we recurse.
Table to_table(const amqp_table_t& table);
Properties to_properties(const amqp_basic_properties_t& properties);

// Keeps what the structures point to. The values handed in must outlive it, too.
class RabbitmqValues {
 public:
  amqp_table_t table(const Table& table);
  amqp_basic_properties_t properties(const Properties& properties);

 private:
  amqp_field_value_t field(const Value& value);

  std::deque<std::vector<amqp_table_entry_t>> tables_;
  std::deque<std::vector<amqp_field_value_t>> arrays_;
};

}  // namespace ghstats::amqp
