#include "amqp/value.h"

namespace ghstats::amqp {

bool operator==(const Value& a, const Value& b) {
  return a.value_ == b.value_;
}

const Value* find(const Table& table, std::string_view name) {
  const auto place = table.find(name);
  return place == table.end() ? nullptr : &place->second;
}

}  // namespace ghstats::amqp
