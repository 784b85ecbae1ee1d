#include "base/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace ghstats {
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

std::unexpected<Error> not_regular(std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("is {}; allowed is a regular file", what));
}

std::unexpected<Error> system_failure(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return fail(ErrorCode::kNotFound, "does not exist");
    case EACCES:
    case EPERM:
      return fail(ErrorCode::kPermissionDenied, "may not be read by this user: permission denied");
    case EISDIR:
      return not_regular("a directory");
    case ENXIO:  // open(2) of a socket, or of a device that is not there
      return not_regular("a socket or a device");
    default:
      return fail(ErrorCode::kUnavailable, fmt::format("cannot be read: {}", std::generic_category().message(error)));
  }
}

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

Result<std::string> read_to_end(int descriptor, std::size_t limit) {
  std::string content;
  std::array<char, 16384> buffer{};
  while (true) {
    const ssize_t n = ::read(descriptor, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure(errno);
    if (n == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(n));
    if (content.size() > limit) return fail(ErrorCode::kTooLarge, fmt::format("is larger than {} bytes", limit));
  }
}

Result<std::string> read_regular_file(const std::string& path, std::size_t limit) {
  // O_NONBLOCK: a FIFO is opened, and found to be one, without a writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0) return system_failure(errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_failure(errno);
  if (!S_ISREG(status.st_mode)) return not_regular(kind_of(status.st_mode));
  return read_to_end(file.get(), limit);
}

}  // namespace ghstats
