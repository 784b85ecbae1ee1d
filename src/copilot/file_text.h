// What a file of a report says, whether it is plain or gzip.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace ghstats::copilot {

// One file as it arrives, to its text. Gzip (RFC 1952, any number of members) is told by its first byte. Memory is
// bounded, whatever the bytes expand to.
class FileText {
 public:
  static constexpr std::size_t kPieceBytes = 64UL << 10U;

  FileText();
  ~FileText();
  FileText(const FileText&) = delete;
  FileText& operator=(const FileText&) = delete;

  // The next bytes of the file, cut anywhere. They must stay until next() wants more.
  void push(std::string_view bytes);

  // The next text, never empty and at most kPieceBytes, valid until the next call of anything; nullopt: push() more.
  // kInvalidData: the gzip is damaged.
  Result<std::optional<std::string_view>> next();

  // The file is over. kInvalidData: inside its gzip.
  [[nodiscard]] Status finish() const;

 private:
  class Inflater;
  std::string_view bytes_;
  bool begun_ = false;
  std::unique_ptr<Inflater> inflater_;  // null: plain
};

}  // namespace ghstats::copilot
