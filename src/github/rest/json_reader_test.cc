#include "github/rest/json_reader.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace ghstats::github {
namespace {

// Reads every item of `body` and returns the error, or "" .
std::string error_of(std::string body, const std::function<void(JsonObject&)>& read) {
  JsonBody json(body);
  while (auto item = json.next()) read(*item);
  const auto status = json.status();
  return status ? "" : status.error().message;
}

const auto kReadDate = [](JsonObject& o) {
  auto commit = o.object("commit");
  commit.object("committer").time("date");
};

TEST(JsonReader, ReadsFieldsInAnyOrderAndIgnoresOthers) {
  std::string body =
      R"([{"z":[1,{"n":2}],"b":true,"n":18446744073709551615,"t":"2011-04-14T16:00:49Z","s":"\u00e4\"x"},{"n":1,"s":"","t":"2011-04-14T12:00:49-04:00"}])";
  JsonBody json(body);
  auto first = json.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->string("s"), "\xC3\xA4\"x");
  EXPECT_EQ(first->number("n"), 18446744073709551615ULL);
  EXPECT_TRUE(first->flag("b"));
  EXPECT_EQ(first->time("t"), from_unix_seconds(1302796849));
  EXPECT_FALSE(first->nullable_string("absent"));
  auto second = json.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->time("t"), from_unix_seconds(1302796849));
  EXPECT_FALSE(second->flag("b"));
  EXPECT_FALSE(json.next());
  EXPECT_TRUE(json.status());
}

TEST(JsonReader, NullIsAbsentWhereAllowed) {
  std::string body = R"([{"s":null,"t":null,"o":null,"b":null}])";
  JsonBody json(body);
  auto item = json.next();
  EXPECT_FALSE(item->nullable_string("s"));
  EXPECT_FALSE(item->nullable_time("t"));
  EXPECT_FALSE(item->nullable_object("o"));
  EXPECT_FALSE(item->flag("b"));
  EXPECT_FALSE(json.next());
  EXPECT_TRUE(json.status());
}

TEST(JsonReader, ReadsNumbersThatAreWrittenAsStrings) {
  std::string body = R"([{"b":"18446744073709551615","n":3,"null":null}])";
  JsonBody json(body);
  auto item = json.next();
  EXPECT_EQ(item->number_in_string("b"), 18446744073709551615ULL);
  EXPECT_EQ(item->nullable_number("n"), 3U);
  EXPECT_FALSE(item->nullable_number("null"));
  EXPECT_FALSE(json.next());
  EXPECT_TRUE(json.status());
  for (const char* wrong : {R"("")", R"("7x")", R"("-7")", R"("18446744073709551616")", "7", "null"}) {
    const auto error = error_of(std::string(R"([{"b":)") + wrong + "}]",
                                [](JsonObject& o) { EXPECT_EQ(o.number_in_string("b"), 0U); });
    EXPECT_TRUE(error.contains("field 'b'")) << wrong << ": " << error;
  }
}

TEST(JsonReader, NullMayStandForAnObjectOnlyWhereItIsAskedFor) {
  std::string places;
  const auto read = [&](JsonObject& o) {
    o.each_or_null("a", [&](std::size_t place, JsonObject* inner) {
      places += std::to_string(place) + (inner != nullptr ? inner->string("s") : "-") + " ";
    });
  };
  EXPECT_EQ(error_of(R"([{"a":[{"s":"x"},null,{"s":"y"},null]}])", read), "");
  EXPECT_EQ(places, "0x 1- 2y 3- ");
  EXPECT_EQ(error_of(R"([{"a":[7]}])", read), "field 'a' of item 1: expected objects, got number");
  EXPECT_FALSE(error_of(R"([{"a":[nul]}])", read).empty());
  EXPECT_EQ(error_of(R"([{"a":[null]}])", [](JsonObject& o) { o.each("a", [](JsonObject&) {}); }),
            "field 'a' of item 1: expected objects, got null");
}

TEST(JsonReader, ReadsAndCountsArraysAndGoesOnBehindThem) {
  std::string body = R"([{"z":[{"x":1},{"x":2,"y":[3]}],"n":[1,[2],{}],"e":[],"null":null,"s":"end"}])";
  JsonBody json(body);
  auto item = json.next();
  ASSERT_TRUE(item);
  std::uint64_t sum = 0;
  item->each("z", [&](JsonObject& element) { sum += element.number("x"); });
  EXPECT_EQ(sum, 3U);
  EXPECT_EQ(item->count("n"), 3U);
  EXPECT_EQ(item->count("e") + item->count("null") + item->count("absent"), 0U);
  EXPECT_EQ(item->count("z"), 2U);
  EXPECT_EQ(item->string("s"), "end");
  EXPECT_FALSE(json.next());
  EXPECT_TRUE(json.status());
}

TEST(JsonReader, ErrorsInArraysNameTheirField) {
  const auto read = [](JsonObject& o) { o.each("a", [](JsonObject& element) { element.number("x"); }); };
  EXPECT_EQ(error_of(R"([{"a":[{"x":1},{"x":"2"}]}])", read), "field 'a.x' of item 1: expected number, got string");
  EXPECT_EQ(error_of(R"([{"a":[{"x":1},null]}])", read), "field 'a' of item 1: expected objects, got null");
  EXPECT_EQ(error_of(R"([{"a":null}])", read), "field 'a' of item 1: expected array, got null");
  EXPECT_EQ(error_of(R"([{"a":[{"x":1},{"x")", read), "the answer is truncated or not JSON");
  EXPECT_EQ(error_of(R"([{"a":7}])", [](JsonObject& o) { o.count("a"); }),
            "field 'a' of item 1: expected array, got number");
  EXPECT_EQ(error_of(R"([{"a":[1,2)", [](JsonObject& o) { o.count("a"); }), "the answer is truncated or not JSON");
}

TEST(JsonReader, ErrorsNameFieldItemAndTypes) {
  const std::string good = R"({"commit":{"committer":{"date":"2011-04-14T16:00:49Z"}}})";
  EXPECT_EQ(error_of("[" + good + "," + good + R"(,{"commit":{"committer":{"date":5}}}])", kReadDate),
            "field 'commit.committer.date' of item 3: expected string, got number");
  EXPECT_EQ(error_of(R"([{"commit":{"committer":null}}])", kReadDate),
            "field 'commit.committer' of item 1: expected object, got null");
  EXPECT_EQ(error_of(R"([{"commit":{"committer":{}}}])", kReadDate),
            "field 'commit.committer.date' of item 1: missing");
  EXPECT_EQ(error_of(R"([{"commit":{"committer":{"date":"yesterday"}}}])", kReadDate),
            "field 'commit.committer.date' of item 1: expected an RFC 3339 time, got another string");
  EXPECT_EQ(error_of("[7]", kReadDate), "item 1: expected object, got number");
  EXPECT_EQ(error_of(R"([{"n":-1}])", [](JsonObject& o) { o.number("n"); }),
            "field 'n' of item 1: expected a non-negative integer, got another number");
  EXPECT_EQ(error_of(R"([{"n":1.5}])", [](JsonObject& o) { o.number("n"); }),
            "field 'n' of item 1: expected a non-negative integer, got another number");
}

TEST(JsonReader, TheFirstErrorStays) {
  EXPECT_EQ(error_of(R"([{"a":1,"b":2}])",
                     [](JsonObject& o) {
                       o.string("a");
                       o.string("b");
                       o.string("c");
                     }),
            "field 'a' of item 1: expected string, got number");
}

TEST(JsonReader, RefusesWhatIsNoJsonArray) {
  const auto read = [](JsonObject& o) { o.number("n"); };
  EXPECT_EQ(error_of(R"({"message":"x"})", read), "expected a JSON array, got object");
  for (const char* bad : {"", " ", "<html></html>", "[", R"([{"n":1})", R"([{"n":1},{"n")", R"([{"n":1},)",
                          R"([{"n":1}][])", R"([{"n":1} {"n":2}])", "[{\"n\":1,\"s\":\"\xFF\"}]", R"([{"n":1}]])"}) {
    EXPECT_EQ(error_of(bad, read), "the answer is truncated or not JSON") << bad;
  }
  EXPECT_EQ(error_of("[]", read), "");
  EXPECT_EQ(error_of(" [ ]\n", read), "");
}

TEST(JsonReader, EveryTruncationOfAnAnswerIsNoticed) {
  const std::string whole = R"([{"n":1,"s":"a[]b","o":{"t":"2011-04-14T16:00:49Z"}},{"n":2,"s":"","o":null}])";
  const auto read = [](JsonObject& o) {
    o.number("n");
    o.string("s");
    if (auto inner = o.nullable_object("o")) inner->time("t");
  };
  EXPECT_EQ(error_of(whole, read), "");
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_NE(error_of(whole.substr(0, n), read), "") << whole.substr(0, n);
}

TEST(JsonReader, ReadsASingleObject) {
  std::string body = R"({"token":5})";
  JsonBody json(body);
  auto object = json.object();
  ASSERT_TRUE(object);
  object->string("token");
  EXPECT_EQ(json.status().error().message, "field 'token': expected string, got number");
  EXPECT_EQ(json.status().error().code, ErrorCode::kInvalidData);
  std::string list = "[]";
  JsonBody other(list);
  EXPECT_FALSE(other.object());
  EXPECT_EQ(other.status().error().message, "expected a JSON object, got array");
}

TEST(JsonReader, ReadsArraysOfStrings) {
  std::string body = R"([{"s":["a","\u00e4",""],"e":[],"after":1}])";
  JsonBody json(body);
  auto item = json.next();
  ASSERT_TRUE(item);
  EXPECT_EQ(item->strings("s"), (std::vector<std::string>{"a", "\xC3\xA4", ""}));
  EXPECT_TRUE(item->strings("e").empty());
  EXPECT_EQ(item->number("after"), 1U);
  EXPECT_FALSE(json.next());
  EXPECT_TRUE(json.status());

  const auto read = [](JsonObject& o) { o.strings("s"); };
  EXPECT_EQ(error_of(R"([{"s":["a",1]}])", read), "field 's' of item 1: expected strings, got number");
  EXPECT_EQ(error_of(R"([{"s":["a",null]}])", read), "field 's' of item 1: expected strings, got null");
  EXPECT_EQ(error_of(R"([{"s":"a"}])", read), "field 's' of item 1: expected array, got string");
  EXPECT_EQ(error_of(R"([{"t":["a"]}])", read), "field 's' of item 1: missing");
  EXPECT_NE(error_of(R"([{"s":["a")", read), "");
  EXPECT_NE(error_of(R"([{"s":["\ud800"]}])", read), "");
}

}  // namespace
}  // namespace ghstats::github
