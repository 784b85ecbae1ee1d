#include "base/read_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

namespace ghstats {
namespace {

constexpr std::size_t kLimit = 1000;

class ReadRegularFile : public ::testing::Test {
 protected:
  ReadRegularFile() {
    std::string name = std::filesystem::temp_directory_path() / "ghstats-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~ReadRegularFile() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  static std::string refusal(const std::string& path) {
    const auto content = read_regular_file(path, kLimit);
    return content ? "it was read" : content.error().message;
  }

  std::filesystem::path folder_;
};

TEST_F(ReadRegularFile, GivesTheContent) {
  EXPECT_EQ(read_regular_file(write("a", "two\nlines"), kLimit), "two\nlines");
  EXPECT_EQ(read_regular_file(write("empty", ""), kLimit), "");
}

// ..data/token -> ..2026_11_29/token, as Kubernetes mounts secrets.
TEST_F(ReadRegularFile, FollowsSymbolicLinks) {
  std::filesystem::create_directory(path("..2026"));
  write("..2026/token", "secret");
  std::filesystem::create_directory_symlink("..2026", path("..data"));
  std::filesystem::create_symlink("..data/token", path("token"));
  EXPECT_EQ(read_regular_file(path("token"), kLimit), "secret");
}

TEST_F(ReadRegularFile, WaitsForNothingThatIsNoRegularFile) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(refusal(path("fifo")), "is a FIFO; allowed is a regular file");
  std::filesystem::create_symlink("fifo", path("link"));
  EXPECT_EQ(refusal(path("link")), "is a FIFO; allowed is a regular file");
  EXPECT_EQ(refusal("/dev/zero"), "is a device; allowed is a regular file");
  EXPECT_EQ(refusal(folder_), "is a directory; allowed is a regular file");
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path("socket").c_str(), sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(refusal(path("socket")), "is a socket or a device; allowed is a regular file");
  ::close(socket);
}

TEST_F(ReadRegularFile, IsBounded) {
  EXPECT_EQ(read_regular_file(write("full", std::string(kLimit, 'x')), kLimit)->size(), kLimit);
  const auto larger = read_regular_file(write("larger", std::string(kLimit + 1, 'x')), kLimit);
  ASSERT_FALSE(larger);
  EXPECT_EQ(larger.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(larger.error().message, "is larger than 1000 bytes");
}

TEST_F(ReadRegularFile, WhatIsMissingIsNotFound) {
  EXPECT_EQ(read_regular_file(path("missing"), kLimit).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read_regular_file(write("file", "") + "/below", kLimit).error().code, ErrorCode::kNotFound);
}

TEST_F(ReadRegularFile, ADescriptorIsReadToItsEndWhateverItIs) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "text", 4), 4);
  ::close(ends[1]);
  EXPECT_EQ(read_to_end(ends[0], kLimit), "text");
  ::close(ends[0]);
}

}  // namespace
}  // namespace ghstats
