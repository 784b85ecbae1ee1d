// Structured log lines: one JSON object per line, or text for people.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "log/field.h"

namespace ghstats::log {

enum class Format { kJson, kText };

// Where finished lines go: `fd_sink.h`. Called from any thread, without the newline; returns at once.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(std::string_view line) = 0;
};

// A cheap value: copies share the sink. Thread-safe. Messages and fields must not hold secrets; control characters and
// invalid UTF-8 are escaped so that no value can forge a line.
// JSON: {"ts":"2026-11-23T04:41:29.123Z","level":"info","msg":"...","component":"planner", fields...}
class Logger {
 public:
  struct Options {
    Level level = Level::kInfo;
    Format format = Format::kJson;
    std::shared_ptr<const Clock> clock;
    std::shared_ptr<Sink> sink;
  };

  explicit Logger(Options options, std::string component = "main");

  // The same logger under another component name.
  [[nodiscard]] Logger component(std::string name) const;

  [[nodiscard]] bool enabled(Level level) const { return level >= options_->level; }
  void write(Level level, std::string_view message, std::initializer_list<Field> fields = {}) const;

  void debug(std::string_view m, std::initializer_list<Field> f = {}) const { write(Level::kDebug, m, f); }
  void info(std::string_view m, std::initializer_list<Field> f = {}) const { write(Level::kInfo, m, f); }
  void warn(std::string_view m, std::initializer_list<Field> f = {}) const { write(Level::kWarn, m, f); }
  void error(std::string_view m, std::initializer_list<Field> f = {}) const { write(Level::kError, m, f); }

 private:
  Logger(std::shared_ptr<const Options> options, std::string component);

  std::shared_ptr<const Options> options_;
  std::string component_;
};

}  // namespace ghstats::log
