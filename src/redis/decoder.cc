#include "redis/decoder.h"

#include <fmt/format.h>
#include <hiredis/read.h>

#include <new>
#include <utility>

namespace ghstats::redis {

// Called by hiredis, which is C: no exception may leave. The root reply is ours to delete, the others live in their
// parent's array, which has its final size from the beginning. A null pointer ends the reading with an error.
struct DecoderCallbacks {
  static void* place(const redisReadTask* task, Reply reply) {
    if (task->parent == nullptr) return new (std::nothrow) Reply(std::move(reply));
    auto* parent = static_cast<Reply*>(task->parent->obj);
    Reply& element = (*parent->array())[static_cast<std::size_t>(task->idx)];
    element = std::move(reply);
    return &element;
  }

  static Decoder& decoder(const redisReadTask* task) { return *static_cast<Decoder*>(task->privdata); }

  static void* create_string(const redisReadTask* task, char* text, std::size_t size) {
    Decoder& self = decoder(task);
    // hiredis skips the two bytes behind a string without a look; they tell whether we are still in step.
    if (text[size] != '\r' || text[size + 1] != '\n') {
      self.malformed_ = true;
      return nullptr;
    }
    if (!self.charge(size)) return nullptr;
    try {
      std::string copy(text, size);
      if (task->type == REDIS_REPLY_ERROR) return place(task, Reply(ServerError{std::move(copy)}));
      return place(task, Reply(std::move(copy)));
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }

  static void* create_array(const redisReadTask* task, int size) {
    // The count is the server's claim: nothing is allocated before it was charged.
    if (size < 0 || !decoder(task).charge(static_cast<std::size_t>(size) * sizeof(Reply))) return nullptr;
    try {
      return place(task, Reply(Reply::Array(static_cast<std::size_t>(size))));
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }

  static void* create_integer(const redisReadTask* task, long long number) {
    return place(task, Reply(static_cast<std::int64_t>(number)));
  }
  static void* create_nil(const redisReadTask* task) { return place(task, Reply()); }
  static void free_object(void* reply) { delete static_cast<Reply*>(reply); }
};

namespace {

// hiredis wants them mutable, and leaves them alone.
redisReplyObjectFunctions callbacks{
    .createString = DecoderCallbacks::create_string,
    .createArray = DecoderCallbacks::create_array,
    .createInteger = DecoderCallbacks::create_integer,
    .createNil = DecoderCallbacks::create_nil,
    .freeObject = DecoderCallbacks::free_object,
};

}  // namespace

void Decoder::FreeReader::operator()(redisReader* reader) const {
  redisReaderFree(reader);
}

Decoder::Decoder(ReplyLimits limits) : limits_(limits), reader_(redisReaderCreateWithFunctions(&callbacks)) {
  if (!reader_) throw std::bad_alloc();
  reader_->privdata = this;
}

Decoder::~Decoder() = default;

bool Decoder::charge(std::size_t bytes) {
  charged_ += bytes;
  too_large_ = charged_ > limits_.max_bytes;
  return !too_large_;
}

std::unexpected<Error> Decoder::broken() {
  if (too_large_) {
    return fail(ErrorCode::kTooLarge, fmt::format("a reply takes more than {} bytes", limits_.max_bytes));
  }
  if (malformed_) return fail(ErrorCode::kInvalidData, "not the Redis protocol: a string without its end");
  return fail(ErrorCode::kInvalidData, fmt::format("not the Redis protocol: {}", reader_->errstr));
}

Status Decoder::feed(std::string_view bytes) {
  if (reader_->err != 0 || too_large_) return broken();
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) return broken();
  return {};
}

Result<std::optional<Reply>> Decoder::next() {
  if (reader_->err != 0 || too_large_) return broken();
  void* root = nullptr;
  if (redisReaderGetReply(reader_.get(), &root) != REDIS_OK) return broken();
  if (root == nullptr) {
    // A string that has not arrived as a whole waits in hiredis' buffer, uncharged.
    too_large_ = charged_ + (reader_->len - reader_->pos) > limits_.max_bytes;
    if (too_large_) return broken();
    return std::nullopt;
  }
  charged_ = 0;
  const std::unique_ptr<Reply> reply(static_cast<Reply*>(root));
  return std::move(*reply);
}

}  // namespace ghstats::redis
