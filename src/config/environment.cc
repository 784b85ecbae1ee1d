#include "config/environment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace ghstats::config {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<Error> system_failure(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return fail(ErrorCode::kNotFound, "does not exist");
    case EACCES:
    case EPERM:
      return fail(ErrorCode::kPermissionDenied, "may not be read by this user: permission denied");
    case EISDIR:
      return fail(ErrorCode::kInvalidArgument, "is a directory");
    default:
      return fail(ErrorCode::kUnavailable, fmt::format("cannot be read: {}", std::generic_category().message(error)));
  }
}

Result<std::string> read_whole_file(const std::string& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0) return system_failure(errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_failure(errno);
  if (S_ISDIR(status.st_mode)) return system_failure(EISDIR);
  std::string content;
  std::array<char, 16384> buffer{};
  while (true) {
    const ssize_t n = ::read(file.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure(errno);
    if (n == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(n));
    if (content.size() > limit) return fail(ErrorCode::kTooLarge, fmt::format("is larger than {} bytes", limit));
  }
}

std::optional<std::string> process_variable(const std::string& name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody calls setenv in this program
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

}  // namespace

Environment system_environment() {
  return {.variable = process_variable, .read_file = read_whole_file};
}

}  // namespace ghstats::config
