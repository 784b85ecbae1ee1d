#include "config/yaml_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace ghstats::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Read {
  std::optional<Node> root;
  std::vector<std::string> problems;
};

Read read(std::string_view text) {
  ProblemList list("c.yaml");
  Read out{.root = read_yaml(text, list), .problems = {}};
  for (const Problem& problem : list.sorted()) out.problems.push_back(format(problem));
  return out;
}

std::string repeated(std::string_view part, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

TEST(YamlReader, KeepsPositionsAndQuoting) {
  const auto [root, problems] = read("a: 1\nb:\n  - 'x'\n  - ~\n");
  ASSERT_THAT(problems, IsEmpty());
  ASSERT_EQ(root->kind, Node::Kind::kMap);
  ASSERT_THAT(root->children, SizeIs(4));
  EXPECT_EQ(root->children[0].text, "a");
  EXPECT_EQ(root->children[1].position, (Position{1, 4}));
  EXPECT_FALSE(root->children[1].is_quoted);
  const Node& list = root->children[3];
  ASSERT_THAT(list.children, SizeIs(2));
  EXPECT_EQ(list.children[0].position, (Position{3, 5}));
  EXPECT_TRUE(list.children[0].is_quoted);
  EXPECT_EQ(list.children[1].kind, Node::Kind::kNull);
}

TEST(YamlReader, NothingIsANullNode) {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n", "~"}) {
    const auto [root, problems] = read(text);
    ASSERT_TRUE(root) << text;
    EXPECT_EQ(root->kind, Node::Kind::kNull) << text;
  }
}

TEST(YamlReader, SyntaxErrorsHaveAPosition) {
  const auto [root, problems] = read("a: 1\nb: [1, 2\nc: 3\n");
  EXPECT_FALSE(root);
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_THAT(problems[0], ::testing::MatchesRegex(R"(c\.yaml:[0-9]+:[0-9]+: not valid YAML: .+)"));
}

TEST(YamlReader, AliasesBecomeInvalidNodesWhereTheyStand) {
  const auto [root, problems] = read("a: &x 1\nb: *x\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->children[3].kind, Node::Kind::kInvalid);
  EXPECT_EQ(root->children[3].position, (Position{2, 4}));
}

TEST(YamlReader, AnAliasWithoutAnchorIsNotRepeated) {
  const auto [root, problems] = read("redis_password: *hunter2\n");
  EXPECT_FALSE(root);
  EXPECT_THAT(problems,
              ElementsAre("c.yaml:1:17: aliases (*name) are not supported; write the value out, in quotes if it starts "
                          "with *"));
}

TEST(YamlReader, TagsBecomeInvalidNodes) {
  for (const char* text : {"a: !!str 1\n", "a: !x [1]\n", "a: !y {b: 1}\n"}) {
    const auto [root, problems] = read(text);
    ASSERT_TRUE(root) << text;
    EXPECT_EQ(root->children[1].kind, Node::Kind::kInvalid) << text;
  }
}

TEST(YamlReader, NestingIsBounded) {
  for (const std::string& text : {repeated("[", 1'000'000), repeated("{a: ", 250'000), repeated("- ", 200'000),
                                  repeated("[", 17) + repeated("]", 17)}) {
    const auto start = std::chrono::steady_clock::now();
    const auto [root, problems] = read(text);
    EXPECT_FALSE(root);
    ASSERT_THAT(problems, SizeIs(1));
    EXPECT_THAT(problems[0],
                ::testing::MatchesRegex(R"(c\.yaml:1:[0-9]+: nested deeper than 16 levels; no key needs that)"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{20});
  }
  EXPECT_TRUE(read(repeated("[", 16) + repeated("]", 16)).root);
}

TEST(YamlReader, BillionLaughsIsFast) {
  std::string text = "a0: &a0 [\"lol\"]\n";
  for (int i = 1; i < 60; ++i) {
    text += fmt::format("a{}: &a{} [{}]\n", i, i, repeated(fmt::format("*a{},", i - 1), 10));
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(read(text).root);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{2});
}

TEST(YamlReader, AliasCyclesEnd) {
  const auto [root, problems] = read("a: &x [*x]\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->children[1].children[0].kind, Node::Kind::kInvalid);
}

TEST(YamlReader, ValuesAreBounded) {
  const auto [root, problems] = read("[" + repeated("1,", 200'001) + "]");
  EXPECT_FALSE(root);
  EXPECT_THAT(problems, ElementsAre(::testing::EndsWith("more than 200000 values; a configuration is smaller")));
}

TEST(YamlReader, OneDocumentOnly) {
  EXPECT_THAT(read("a: 1\n---\nb: 2\n").problems,
              ElementsAre("c.yaml:3:1: a second YAML document; a configuration is one document"));
}

TEST(YamlReader, OnlyTextIsRead) {
  EXPECT_THAT(read("a: 1\nb: \xff\n").problems,
              ElementsAre("c.yaml:2:4: byte 0xff is not valid UTF-8; save the file as UTF-8"));
  EXPECT_THAT(read("a: \xc0\xaf").problems, SizeIs(1));      // overlong
  EXPECT_THAT(read("a: \xed\xa0\x80").problems, SizeIs(1));  // surrogate
  EXPECT_THAT(read("a: \xe2\x82").problems, SizeIs(1));      // cut
  // yaml-cpp would take 04 for the end and ignore the rest.
  EXPECT_THAT(read("a: 1\nb: \x04\nc: 2\n").problems, ElementsAre("c.yaml:2:4: control character 0x04 is not allowed"));
  EXPECT_THAT(read("\xef\xbb\xbf"
                   "a: \"\u00e9\U0001F600\"\n")
                  .problems,
              IsEmpty());
}

}  // namespace
}  // namespace ghstats::config
