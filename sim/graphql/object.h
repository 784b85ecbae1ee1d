// What fields of a query stand for.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ghstats::sim::graphql {

class Object;
using ObjectPtr = std::shared_ptr<const Object>;

// Why a field is null: one of errors[], "NOT_FOUND".
struct Failure {
  std::string type;
  std::string message;
};

struct Resolved;
using List = std::vector<Resolved>;

// A leaf or null, an object, a list, or a failure.
struct Resolved {
  std::variant<boost::json::value, ObjectPtr, List, Failure> value;

  Resolved(ObjectPtr object) {  // NOLINT(google-explicit-constructor): what resolvers return
    if (object != nullptr) value = std::move(object);
  }
  Resolved(List list) : value(std::move(list)) {}           // NOLINT(google-explicit-constructor)
  Resolved(Failure failure) : value(std::move(failure)) {}  // NOLINT(google-explicit-constructor)
  template <class T>
    requires std::constructible_from<boost::json::value, T>
  Resolved(T&& leaf) : value(boost::json::value(std::forward<T>(leaf))) {}  // NOLINT(google-explicit-constructor)
};

// Of one field of a query: coerced, defaults filled in. What is null or was not given is absent.
class Arguments {
 public:
  // `wanted`: the fields that are asked for of the field.
  Arguments(std::string_view field, boost::json::object values, std::vector<std::string> wanted)
      : field_(field), values_(std::move(values)), wanted_(std::move(wanted)) {}

  [[nodiscard]] const boost::json::value* find(std::string_view name) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  [[nodiscard]] std::optional<bool> boolean(std::string_view name) const;
  // The strings of a list.
  [[nodiscard]] std::optional<std::vector<std::string>> texts(std::string_view name) const;
  // A field of an input object.
  [[nodiscard]] std::optional<std::string> text(std::string_view object, std::string_view name) const;

  [[nodiscard]] std::string_view field() const { return field_; }
  [[nodiscard]] bool wants(std::string_view field) const;

 private:
  std::string_view field_;
  boost::json::object values_;
  std::vector<std::string> wanted_;
};

class Object {
 public:
  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;

  // The name of its type.
  [[nodiscard]] virtual std::string_view type() const = 0;
  // A field of its type, but __typename.
  [[nodiscard]] virtual Resolved resolve(std::string_view field, const Arguments& arguments) const = 0;
};

// An object whose fields are functions of what it is about.
template <class Subject>
class Modelled final : public Object {
 public:
  using Resolver = Resolved (*)(const Subject&, const Arguments&);
  using Fields = std::map<std::string_view, Resolver>;

  // `fields` must outlive it.
  Modelled(std::string_view type, const Fields& fields, Subject subject)
      : type_(type), fields_(fields), subject_(std::move(subject)) {}

  [[nodiscard]] std::string_view type() const override { return type_; }
  [[nodiscard]] Resolved resolve(std::string_view field, const Arguments& arguments) const override {
    const auto resolver = fields_.find(field);
    if (resolver == fields_.end()) return Failure{"INTERNAL", "Not modelled: " + std::string(field)};
    return resolver->second(subject_, arguments);
  }

 private:
  std::string_view type_;
  const Fields& fields_;
  Subject subject_;
};

// An object whose fields are all known already.
class Record final : public Object {
 public:
  using Fields = std::map<std::string_view, Resolved>;
  Record(std::string_view type, Fields fields) : type_(type), fields_(std::move(fields)) {}

  [[nodiscard]] std::string_view type() const override { return type_; }
  [[nodiscard]] Resolved resolve(std::string_view field, const Arguments& /*arguments*/) const override {
    const auto known = fields_.find(field);
    if (known == fields_.end()) return Failure{"INTERNAL", "Not modelled: " + std::string(field)};
    return known->second;
  }

 private:
  std::string_view type_;
  Fields fields_;
};

}  // namespace ghstats::sim::graphql
