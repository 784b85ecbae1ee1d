#include "exposition/testing/bodies.h"

#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace ghstats::exposition::testing {

std::string join(const std::vector<Bytes>& parts) {
  std::string all;
  for (const Bytes& part : parts) all += *part;
  return all;
}

std::expected<std::string, std::string> gunzip(std::string_view gzip) {
  z_stream stream{};
  constexpr int kGzipOnly = 15 + 16;
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) return std::unexpected("inflateInit2 failed");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string text;
  std::array<char, 1U << 16U> buffer;
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  const std::string message = stream.msg == nullptr ? "" : stream.msg;
  const std::size_t behind = stream.avail_in;
  inflateEnd(&stream);
  if (status != Z_STREAM_END) return std::unexpected("inflate: " + std::to_string(status) + " " + message);
  if (behind != 0) return std::unexpected(std::to_string(behind) + " bytes behind the member");
  return text;
}

CommandResult run(const std::string& command, std::string_view input) {
  std::string path = std::string(std::getenv("TMPDIR") == nullptr ? "/tmp" : std::getenv("TMPDIR")) + "/bodyXXXXXX";
  const int descriptor = mkstemp(path.data());
  if (descriptor < 0) return {.output = "mkstemp failed"};
  std::FILE* file = fdopen(descriptor, "wb");
  std::fwrite(input.data(), 1, input.size(), file);
  std::fclose(file);

  CommandResult result;
  std::FILE* pipe = popen(("(" + command + ") < " + path + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    result.output.append(buffer.data(), size);
  }
  const int status = pclose(pipe);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  unlink(path.c_str());
  return result;
}

std::string find_promtool() {
  std::string path;
  if (const char* configured = std::getenv("GHSTATS_PROMTOOL")) {
    path = configured;
  } else if (const char* home = std::getenv("HOME")) {
    path = std::string(home) + "/.cache/github-stats-exporter/prometheus/usr/bin/promtool";
  }
  return !path.empty() && access(path.c_str(), X_OK) == 0 ? path : std::string();
}

}  // namespace ghstats::exposition::testing
