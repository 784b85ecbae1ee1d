#include "copilot/file_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "http/testing/compressed.h"

namespace ghstats::copilot {
namespace {

using http::testing::gzip;
using ::testing::HasSubstr;

// The text of a file that arrives in pieces of `size` bytes, or the error.
Result<std::string> text_of(std::string_view file, std::size_t size) {
  FileText text;
  std::string out;
  for (std::size_t at = 0; at < file.size(); at += size) {
    text.push(file.substr(at, size));
    for (;;) {
      const auto piece = text.next();
      if (!piece) return fail(piece.error());
      if (!*piece) break;
      EXPECT_FALSE((*piece)->empty());
      EXPECT_LE((*piece)->size(), FileText::kPieceBytes);
      out += **piece;
    }
  }
  if (const Status whole = text.finish(); !whole) return fail(whole.error());
  return out;
}

std::string numbers(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += std::to_string(i * 7919) + "\n";
  return out;
}

TEST(FileText, PlainAndGzipSayTheSameWhereverTheyAreCut) {
  const std::string text = numbers(300);
  const std::string packed = gzip(text);
  for (std::size_t size = 1; size <= packed.size(); ++size) {
    ASSERT_EQ(text_of(text, size), text) << size;
    ASSERT_EQ(text_of(packed, size), text) << size;
  }
}

TEST(FileText, LongFilesComeInBoundedPieces) {
  for (const std::string& text :
       {numbers(200'000), std::string(8'000'000, 'x'), std::string(FileText::kPieceBytes, 'x'),
        std::string(2 * FileText::kPieceBytes, 'x')}) {
    EXPECT_TRUE(text_of(text, 300'000) == text);
    EXPECT_TRUE(text_of(gzip(text), 300'000) == text);
    EXPECT_TRUE(text_of(gzip(text), 4096) == text);
  }
}

TEST(FileText, ReadsAllMembers) {
  const std::string packed = gzip("a\n") + gzip("") + gzip("b\n") + gzip("c\n");
  for (std::size_t size = 1; size <= packed.size(); ++size) ASSERT_EQ(text_of(packed, size), "a\nb\nc\n") << size;
}

TEST(FileText, EmptyFilesSayNothing) {
  EXPECT_EQ(text_of("", 1), "");
  EXPECT_EQ(text_of(gzip(""), 3), "");
}

TEST(FileText, GzipThatEndsTooEarlyIsInvalid) {
  const std::string packed = gzip(numbers(100)) + gzip("end\n");
  const std::size_t first = gzip(numbers(100)).size();
  for (std::size_t cut = 1; cut < packed.size(); ++cut) {
    if (cut == first) continue;  // a whole member
    const auto text = text_of(packed.substr(0, cut), 7);
    ASSERT_FALSE(text) << cut;
    EXPECT_EQ(text.error().code, ErrorCode::kInvalidData);
    EXPECT_EQ(text.error().message, "the file is no valid gzip: it ends too early");
  }
}

TEST(FileText, GarbageIsInvalid) {
  std::mt19937 random(7);
  std::string garbage = "\x1f\x8b\x08";
  for (int i = 0; i < 1000; ++i) garbage += static_cast<char>(random());
  std::string flipped = gzip(numbers(100));
  flipped[flipped.size() / 2] ^= 0x10;
  std::string wrong_sum = gzip(numbers(100));
  wrong_sum[wrong_sum.size() - 6] ^= 0x10;
  for (const std::string& file : {garbage, flipped, wrong_sum, std::string("\x1fxx"), gzip("a") + "trailing"}) {
    for (const std::size_t size : {1UL, 5UL, 4096UL}) {
      const auto text = text_of(file, size);
      ASSERT_FALSE(text);
      EXPECT_EQ(text.error().code, ErrorCode::kInvalidData);
      EXPECT_THAT(text.error().message, HasSubstr("the file is no valid gzip: "));
    }
  }
}

}  // namespace
}  // namespace ghstats::copilot
