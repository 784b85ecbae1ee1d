#include "exposition/compression.h"

#include <gtest/gtest.h>

#include <random>

#include "exposition/testing/bodies.h"

namespace ghstats::exposition {
namespace {

using testing::gunzip;
using testing::join;

std::string gzip_of(const std::vector<std::string>& texts) {
  Deflater deflater;
  GzipMember member;
  for (const std::string& text : texts) member.append(deflater.deflate(text));
  return join(member.finish());
}

std::string sample_lines(int count, std::mt19937& random) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += "gh_activity_commits_24h{org=\"acme\",repo=\"repo-" + std::to_string(random() % 500) + "\",user=\"user-" +
            std::to_string(random() % 900) + "\"} " + std::to_string(random() % 40) + "\n";
  }
  return text;
}

std::string noise(std::size_t size, std::mt19937& random) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(Compression, AnEmptyMemberIsValid) {
  EXPECT_EQ(gunzip(gzip_of({})), "");
}

TEST(Compression, JoinsFragmentsOfAnySizeAndContent) {
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::string> texts;
    std::string whole;
    for (unsigned i = 0; i < 1 + random() % 8; ++i) {
      switch (random() % 4) {
        case 0:
          texts.push_back(noise(random() % 200'000, random));  // does not shrink: output grows while deflating
          break;
        case 1:
          texts.emplace_back();
          break;
        case 2:
          texts.push_back("# EOF\n");
          break;
        default:
          texts.push_back(sample_lines(static_cast<int>(random() % 2000), random));
      }
      whole += texts.back();
    }
    const auto text = gunzip(gzip_of(texts));
    ASSERT_TRUE(text) << text.error();
    ASSERT_TRUE(*text == whole);
  }
}

// A fragment that looked back into the one before it would break when another one stands there.
TEST(Compression, FragmentsFollowEachOtherInAnyOrder) {
  std::mt19937 random(5);
  Deflater deflater;
  const std::string a = sample_lines(900, random);
  const std::string b = a.substr(100);
  const auto fragment_a = deflater.deflate(a);
  const auto fragment_b = deflater.deflate(b);
  for (const auto& order : {std::vector{&fragment_a, &fragment_b}, std::vector{&fragment_b, &fragment_a},
                            std::vector{&fragment_b, &fragment_b, &fragment_a}}) {
    GzipMember member;
    std::string whole;
    for (const DeflatedFragment* fragment : order) {
      member.append(*fragment);
      whole += fragment == &fragment_a ? a : b;
    }
    EXPECT_TRUE(gunzip(join(member.finish())) == whole);
  }
}

TEST(Compression, ShrinksSampleLinesAtLeastSixfold) {
  std::mt19937 random(9);
  const std::string text = sample_lines(700, random);
  EXPECT_LT(gzip_of({text}).size() * 6, text.size());
}

TEST(Compression, IsAcceptedByGzip) {
  std::mt19937 random(11);
  const std::string gzip = gzip_of({sample_lines(500, random), "", noise(70'000, random), sample_lines(5, random)});
  const auto result = testing::run("gzip -t", gzip);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_NE(testing::run("gzip -t", gzip.substr(0, gzip.size() - 1)).exit_code, 0);
}

}  // namespace
}  // namespace ghstats::exposition
