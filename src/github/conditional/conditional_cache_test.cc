#include "github/conditional/conditional_cache.h"

#include <gtest/gtest.h>

#include <random>

#include "github/conditional/digest.h"

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;

const SteadyPoint kNow{5h};

Question question(std::string_view url, std::string_view bearer = "ghs_one") {
  return {url, "application/vnd.github+json", bearer};
}

std::string etag_of(std::string_view body, std::string_view bearer = "ghs_one") {
  return '"' + to_hex(sha256({"application/vnd.github+json:Bearer ", bearer, ":", body})) + '"';
}

http::Response answer(std::string body, std::string etag) {
  return {200, {{"ETag", std::move(etag)}}, std::move(body), ""};
}
http::Response answer(std::string body) {
  std::string etag = etag_of(body);
  return answer(std::move(body), std::move(etag));
}

// Text that deflate cannot shrink much below half.
std::string noise(std::size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::string out;
  while (out.size() < size) out += static_cast<char>('a' + random() % 16);
  return out;
}

// The 200 that a 304 becomes.
std::optional<http::Response> revived(ConditionalCache& cache, const Question& q, http::Headers headers = {}) {
  const auto kept = cache.find(q, kNow);
  if (!kept) return std::nullopt;
  return cache.confirmed(q, *kept, ConditionalCache::condition(*kept, q), {304, std::move(headers), "", "https://h/x"});
}

TEST(Digest, IsSha256OfAllPartsInHex) {
  EXPECT_EQ(to_hex(sha256({"a", "", "bc"})), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(ConditionalCache, KnowsNothingAtFirst) {
  ConditionalCache cache;
  EXPECT_EQ(cache.find(question("https://h/x"), kNow), nullptr);
}

TEST(ConditionalCache, GivesBackWhatWasSaidWithTheHeadersOfNow) {
  ConditionalCache cache;
  for (const std::string& body : {std::string("[]"), std::string(), noise(100'000), std::string(300, 'a')}) {
    http::Response first = answer(body);
    first.headers.add("Link", R"(<https://h/x?page=2>; rel="next")");
    first.headers.add("Date", "yesterday");
    cache.keep(question("https://h/x"), first, kNow);
    const auto second = revived(cache, question("https://h/x"), {{"Date", "today"}, {"x-ratelimit-used", "7"}});
    ASSERT_TRUE(second);
    EXPECT_EQ(second->status, 200);
    EXPECT_EQ(second->body, body);
    EXPECT_GE(second->body.capacity(), body.size() + 64) << "for simdjson";
    EXPECT_EQ(second->url, "https://h/x");
    EXPECT_EQ(second->headers.get("link"), R"(<https://h/x?page=2>; rel="next")");
    EXPECT_EQ(second->headers.get("date"), "today");
    EXPECT_EQ(second->headers.get("x-ratelimit-used"), "7");
  }
}

TEST(ConditionalCache, ALinkOfThe304IsTheNewerOne) {
  ConditionalCache cache;
  http::Response first = answer("[]");
  first.headers.add("Link", "old");
  cache.keep(question("https://h/x"), first, kNow);
  const auto second = revived(cache, question("https://h/x"), {{"Link", "new"}});
  ASSERT_EQ(second->headers.fields().size(), 1U);
  EXPECT_EQ(second->headers.get("link"), "new");
}

TEST(ConditionalCache, TellsUrlsAndAcceptsApart) {
  ConditionalCache cache;
  cache.keep(question("https://h/x"), answer("[1]"), kNow);
  EXPECT_EQ(cache.find(question("https://h/x?"), kNow), nullptr);
  EXPECT_EQ(cache.find({"https://h/x", "application/json", "ghs_one"}, kNow), nullptr);
  EXPECT_NE(cache.find(question("https://h/x", "ghs_other"), kNow), nullptr);
}

TEST(ConditionalCache, SendsTheETagBackAsItCame) {
  ConditionalCache cache;
  for (const std::string& etag :
       {etag_of("[]"), "W/" + etag_of("[]"), std::string("\"0815\""), std::string("W/\"x\"")}) {
    cache.keep(question("https://h/x"), answer("[]", etag), kNow);
    EXPECT_EQ(ConditionalCache::condition(*cache.find(question("https://h/x"), kNow), question("https://h/x")), etag);
  }
}

TEST(ConditionalCache, PredictsTheETagOfTheNextToken) {
  ConditionalCache cache;
  for (const std::string& body : {std::string("[]"), noise(50'000)}) {
    for (const std::string weak : {"", "W/"}) {
      cache.keep(question("https://h/x"), answer(body, weak + etag_of(body)), kNow);
      const auto q = question("https://h/x", "ghs_two");
      const auto kept = cache.find(q, kNow);
      const std::string condition = ConditionalCache::condition(*kept, q);
      const auto first_token = kept->token;
      EXPECT_EQ(condition, weak + etag_of(body, "ghs_two"));
      ASSERT_TRUE(cache.confirmed(q, *kept, condition, {304, {}, "", ""}));
      EXPECT_EQ(kept->etag, condition) << "what was confirmed needs no more prediction";
      EXPECT_NE(kept->token, first_token);
      EXPECT_EQ(ConditionalCache::condition(*kept, question("https://h/x", "ghs_three")),
                weak + etag_of(body, "ghs_three"));
    }
  }
}

TEST(ConditionalCache, DoesNotPredictWhereTheFormulaWasWrong) {
  ConditionalCache cache;
  cache.keep(question("https://h/x"), answer("[]", etag_of("[ ]")), kNow);
  EXPECT_EQ(ConditionalCache::condition(*cache.find(question("https://h/x"), kNow), question("https://h/x", "ghs_two")),
            etag_of("[ ]"));
}

TEST(ConditionalCache, HoldsNoToken) {
  ConditionalCache cache;
  cache.keep(question("https://h/x", "ghs_SECRET"), answer("[]"), kNow);
  const auto kept = cache.find(question("https://h/x"), kNow);
  EXPECT_EQ((kept->etag + kept->link + kept->body).find("SECRET"), std::string::npos);
}

TEST(ConditionalCache, KeepsOnlyWhatCanBeConfirmed) {
  ConditionalCache cache;
  const auto q = question("https://h/x");
  for (const auto& useless :
       {http::Response{202, {{"ETag", "\"a\""}}, "{}", ""}, http::Response{200, {}, "[]", ""},
        http::Response{200, {{"ETag", ""}}, "[]", ""}, answer(std::string(ConditionalCache::kMaxBody + 1, ' '))}) {
    cache.keep(q, answer("[1]"), kNow);
    ASSERT_EQ(cache.size(), 1U);
    cache.keep(q, useless, kNow);
    EXPECT_EQ(cache.size(), 0U) << "what was kept before is history";
    EXPECT_EQ(cache.bytes(), 0U);
  }
  cache.keep(q, answer(std::string(ConditionalCache::kMaxBody, ' ')), kNow);
  EXPECT_EQ(cache.size(), 1U);
}

TEST(ConditionalCache, ShrinksWhatItKeeps) {
  ConditionalCache cache;
  std::string body = "[";
  for (int i = 0; i < 100; ++i) {
    body += R"({"url":"https://api.github.com/repos/acme/api/pulls/)" + std::to_string(i) +
            R"(","user":{"login":"ann",)" +
            R"("avatar_url":"https://avatars.githubusercontent.com/u/1?v=4","type":"User"}},)";
  }
  cache.keep(question("https://h/x"), answer(body), kNow);
  EXPECT_LT(cache.bytes(), body.size() / 10 + ConditionalCache::kOverhead);
}

TEST(ConditionalCache, StaysWithinItsBudget) {
  constexpr std::size_t kBudget = 100'000;
  ConditionalCache cache(kBudget);
  for (unsigned i = 0; i < 1'000; ++i) {
    cache.keep(question("https://h/" + std::to_string(i)), answer(noise(i * 7 % 5'000, i)), kNow);
    ASSERT_LE(cache.bytes(), kBudget);
  }
  EXPECT_GT(cache.bytes(), kBudget / 2);
  for (unsigned i = 0; i < 1'000; ++i) cache.keep(question("https://h/" + std::to_string(i)), {}, kNow);
  EXPECT_EQ(cache.bytes(), 0U);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(ConditionalCache, PrefersManySmallAnswersToFewLargeOnes) {
  ConditionalCache cache(100'000);
  for (int i = 0; i < 5; ++i) {
    cache.keep(question("https://h/large" + std::to_string(i)), answer(noise(30'000, i)), kNow);
  }
  for (int i = 0; i < 150; ++i) cache.keep(question("https://h/small" + std::to_string(i)), answer("[]"), kNow);
  for (int i = 0; i < 150; ++i) EXPECT_TRUE(cache.find(question("https://h/small" + std::to_string(i)), kNow)) << i;
  cache.keep(question("https://h/large9"), answer(noise(40'000, 9)), kNow);
  EXPECT_FALSE(cache.find(question("https://h/large9"), kNow)) << "the largest of all does not drive out others";
}

TEST(ConditionalCache, ASweepOverMoreThanFitsKeepsAPartOfItForTheNextOne) {
  ConditionalCache cache(100 * (ConditionalCache::kOverhead + 68));
  const auto sweep = [&] {
    int known = 0;
    for (int i = 0; i < 200; ++i) {
      const std::string url = "https://h/" + std::to_string(i);
      if (cache.find(question(url), kNow)) {
        ++known;
      } else {
        cache.keep(question(url), answer("[]"), kNow);
      }
    }
    return known;
  };
  EXPECT_EQ(sweep(), 0);
  EXPECT_GE(sweep(), 95);
  EXPECT_GE(sweep(), 95);
}

TEST(ConditionalCache, WhatNobodyAsksForAnyMoreGoesFirst) {
  ConditionalCache cache(100 * (ConditionalCache::kOverhead + 68));
  const auto url = [](int i) { return "https://h/" + std::to_string(i); };
  for (int i = 0; i < 200; ++i) cache.keep(question(url(i)), answer("[]"), kNow);
  const auto full = cache.size();
  EXPECT_TRUE(cache.find(question(url(0)), kNow + 1h));
  const SteadyPoint later = kNow + ConditionalCache::kStale;
  for (int i = 1'000; i < 1'000 + static_cast<int>(full) - 1; ++i) {
    cache.keep(question(url(i)), answer("[]"), later);
    EXPECT_TRUE(cache.find(question(url(i)), later)) << i;
  }
  cache.keep(question(url(9'999)), answer("[]"), later);
  EXPECT_FALSE(cache.find(question(url(9'999)), later)) << "nothing is old enough any more";
  EXPECT_TRUE(cache.find(question(url(0)), later));
  EXPECT_FALSE(cache.find(question(url(1)), later));
}

TEST(ConditionalCache, AnAnswerThatWasDroppedMeanwhileStillServesItsRequest) {
  ConditionalCache cache;
  const auto q = question("https://h/x");
  cache.keep(q, answer("[1]"), kNow);
  const auto kept = cache.find(q, kNow);
  cache.keep(q, answer("[2]"), kNow);
  EXPECT_EQ(cache.confirmed(q, *kept, etag_of("[1]"), {304, {}, "", ""})->body, "[1]");
  EXPECT_EQ(cache.find(q, kNow)->etag, etag_of("[2]")) << "and the newer one stays";
}

}  // namespace
}  // namespace ghstats::github
