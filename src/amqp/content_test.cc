#include "amqp/content.h"

#include <gtest/gtest.h>

namespace ghstats::amqp {
namespace {

constexpr std::uint64_t kMax = 10;

TEST(ContentAssembler, PutsABodyTogether) {
  ContentAssembler assembler;
  ASSERT_TRUE(assembler.begin(BasicDeliver{{.tag = DeliveryTag{7}}}));
  EXPECT_TRUE(assembler.under_way());
  auto part = assembler.header({.body_size = 5, .properties = {.type = "t"}}, kMax);
  ASSERT_TRUE(part);
  EXPECT_FALSE(*part);
  part = assembler.body("abc");
  ASSERT_TRUE(part);
  EXPECT_FALSE(*part);
  part = assembler.body("de");
  ASSERT_TRUE(part && *part);
  EXPECT_EQ((*part)->message.body, "abcde");
  EXPECT_EQ((*part)->message.properties.type, "t");
  EXPECT_EQ(std::get<BasicDeliver>((*part)->method).delivery.tag, DeliveryTag{7});
  EXPECT_FALSE(assembler.under_way());
}

TEST(ContentAssembler, AnEmptyBodyHasNoFrame) {
  ContentAssembler assembler;
  ASSERT_TRUE(assembler.begin(BasicGetOk{}));
  const auto whole = assembler.header({.body_size = 0, .properties = {}}, kMax);
  ASSERT_TRUE(whole);
  EXPECT_TRUE(*whole);
}

TEST(ContentAssembler, LeavesOutABodyThatIsTooLarge) {
  ContentAssembler assembler;
  ASSERT_TRUE(assembler.begin(BasicGetOk{}));
  ASSERT_TRUE(assembler.header({.body_size = kMax + 1, .properties = {}}, kMax));
  ASSERT_TRUE(assembler.body("0123456789"));
  const auto whole = assembler.body("x");
  ASSERT_TRUE(whole && *whole);
  EXPECT_EQ((*whole)->message.body, "");
  EXPECT_EQ((*whole)->omitted_bytes, kMax + 1);
}

TEST(ContentAssembler, RefusesPiecesThatBelongToNothing) {
  EXPECT_FALSE(ContentAssembler().body("x"));
  EXPECT_FALSE(ContentAssembler().header({}, kMax));
  ContentAssembler assembler;
  ASSERT_TRUE(assembler.begin(BasicGetOk{}));
  EXPECT_FALSE(assembler.begin(BasicGetOk{}));
  EXPECT_FALSE(assembler.body("x"));
  ASSERT_TRUE(assembler.header({.body_size = 2, .properties = {}}, kMax));
  EXPECT_FALSE(assembler.header({.body_size = 2, .properties = {}}, kMax));
  EXPECT_FALSE(assembler.body("xyz"));
}

}  // namespace
}  // namespace ghstats::amqp
