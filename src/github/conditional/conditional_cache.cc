#include "github/conditional/conditional_cache.h"

#include <zlib.h>

#include <cstring>

#include "github/conditional/digest.h"

namespace ghstats::github {
namespace {

// A 1.3 MB list of pull requests shrinks to 99 KB in 3.0 ms at level 1, to 56 KB in 5.5 ms at level 6 and to 53 KB in
// 9.5 ms at level 9; only answers that were paid for are deflated, a dozen per second at most.
constexpr int kLevel = 6;
// Below that deflate gains nothing; "[]", the answer of most repositories, needs no allocation at all.
constexpr std::size_t kWorthDeflating = 256;
// simdjson reads in place (http::Response).
constexpr std::size_t kBodySlack = 64;
constexpr std::string_view kWeak = "W/";

std::uint64_t leading_bytes(const Digest& digest, std::size_t offset = 0) {
  std::uint64_t out = 0;
  std::memcpy(&out, digest.data() + offset, sizeof out);
  return out;
}

std::uint64_t token_of(std::string_view bearer) {
  return leading_bytes(sha256({bearer}));
}

// Without W/. GitHub's formula as others found it: the values of those headers that are present and in Vary, each with
// a colon behind it, and the body before compression.
std::string predicted_etag(const Question& question, std::string_view body) {
  return '"' + to_hex(sha256({question.accept, ":Bearer ", question.bearer, ":", body})) + '"';
}

std::string deflated(const std::string& text) {
  if (text.size() < kWorthDeflating) return text;
  uLongf size = compressBound(text.size());
  std::string out(size, '\0');
  const int status = compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
                               text.size(), kLevel);
  if (status != Z_OK || size >= text.size()) return text;
  out.resize(size);
  out.shrink_to_fit();
  return out;
}

std::optional<std::string> inflated(const KeptAnswer& kept) {
  std::string out;
  out.reserve(kept.body_size + kBodySlack);
  if (kept.body.size() == kept.body_size) {
    out.append(kept.body);
    return out;
  }
  out.resize(kept.body_size);
  uLongf size = out.size();
  const int status = uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                                reinterpret_cast<const Bytef*>(kept.body.data()), kept.body.size());
  if (status != Z_OK || size != kept.body_size) return std::nullopt;
  return out;
}

}  // namespace

ConditionalCache::Key ConditionalCache::key_of(const Question& question) {
  const Digest digest = sha256({question.accept, "\n", question.url});
  return {leading_bytes(digest), leading_bytes(digest, sizeof(std::uint64_t))};
}

std::shared_ptr<const KeptAnswer> ConditionalCache::find(const Question& question, SteadyPoint now) {
  const auto found = entries_.find(key_of(question));
  if (found == entries_.end()) return nullptr;
  found->second.used = now;
  by_use_.splice(by_use_.end(), by_use_, found->second.by_use);
  return found->second.answer;
}

std::string ConditionalCache::condition(const KeptAnswer& kept, const Question& question) {
  if (!kept.predictable || kept.token == token_of(question.bearer)) return kept.etag;
  const auto body = inflated(kept);
  if (!body) return kept.etag;
  return (kept.etag.starts_with(kWeak) ? std::string(kWeak) : std::string()) + predicted_etag(question, *body);
}

void ConditionalCache::keep(const Question& question, const http::Response& response, SteadyPoint now) {
  const Key key = key_of(question);
  drop(key);
  const auto etag = response.headers.get("etag");
  if (response.status != 200 || !etag || etag->empty() || response.body.size() > kMaxBody) return;
  auto answer = std::make_shared<KeptAnswer>();
  answer->etag = *etag;
  answer->token = token_of(question.bearer);
  const std::string_view strong = etag->starts_with(kWeak) ? etag->substr(kWeak.size()) : *etag;
  answer->predictable = strong == predicted_etag(question, response.body);
  answer->link = response.headers.get("link").value_or("");
  answer->body = deflated(response.body);
  answer->body_size = response.body.size();
  answer->charged = kOverhead + answer->etag.size() + answer->link.size() + answer->body.size();
  if (!make_room(answer->charged, now)) return;
  bytes_ += answer->charged;
  by_size_.emplace(answer->charged, key);
  const auto by_use = by_use_.insert(by_use_.end(), key);
  entries_.emplace(key, Entry{std::move(answer), now, by_use});
}

std::optional<http::Response> ConditionalCache::confirmed(const Question& question, const KeptAnswer& kept,
                                                          std::string condition, http::Response not_modified) {
  const Key key = key_of(question);
  auto body = inflated(kept);
  if (!body) {
    drop(key);
    return std::nullopt;
  }
  const auto found = entries_.find(key);
  // Unless another answer took its place meanwhile.
  if (found != entries_.end() && found->second.answer.get() == &kept) {
    // Of the same length: predicted ones replace predicted ones.
    found->second.answer->etag = std::move(condition);
    found->second.answer->token = token_of(question.bearer);
  }
  http::Response out = std::move(not_modified);
  out.status = 200;
  out.body = *std::move(body);
  if (!kept.link.empty() && !out.headers.get("link")) out.headers.add("Link", kept.link);
  return out;
}

bool ConditionalCache::make_room(std::size_t bytes, SteadyPoint now) {
  while (bytes_ + bytes > budget_) {
    if (entries_.empty()) return false;
    const Key oldest = by_use_.front();
    if (now - entries_.find(oldest)->second.used >= kStale) {
      drop(oldest);
      continue;
    }
    const auto largest = std::prev(by_size_.end());
    if (largest->first <= bytes) return false;
    const Key key = largest->second;
    drop(key);
  }
  return true;
}

void ConditionalCache::drop(const Key& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  const std::size_t charged = found->second.answer->charged;
  bytes_ -= charged;
  by_size_.erase({charged, key});
  by_use_.erase(found->second.by_use);
  entries_.erase(found);
}

}  // namespace ghstats::github
