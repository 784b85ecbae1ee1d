#include "app/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

namespace ghstats::app {
namespace {

using metrics::Family;

constexpr const char* kDescriptors = "/proc/self/fd";

struct ProcStat {
  double cpu_seconds = 0;
  double start_ticks = 0;  // since boot
  double virtual_bytes = 0;
  double resident_bytes = 0;
};

// proc(5): the fields behind the command name, which may hold blanks and parentheses itself.
std::optional<ProcStat> read_stat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  double utime = 0;
  double stime = 0;
  double resident_pages = 0;
  ProcStat stat;
  for (int i = 3; i <= 13; ++i) fields >> skipped;
  fields >> utime >> stime;
  for (int i = 16; i <= 21; ++i) fields >> skipped;
  fields >> stat.start_ticks >> stat.virtual_bytes >> resident_pages;
  if (!fields) return std::nullopt;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  stat.cpu_seconds = (utime + stime) / ticks;
  stat.start_ticks /= ticks;
  stat.resident_bytes = resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  return stat;
}

std::optional<double> boot_time() {
  std::ifstream file("/proc/stat");
  std::string word;
  double value = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    if (fields >> word >> value && word == "btime") return value;
  }
  return std::nullopt;
}

// Since Linux 6.2 the size of the directory; before, it must be listed, which takes half a microsecond for each.
std::optional<double> open_fds() {
  struct stat status{};
  if (stat(kDescriptors, &status) == 0 && status.st_size > 0) return static_cast<double>(status.st_size);
  DIR* directory = opendir(kDescriptors);
  if (directory == nullptr) return std::nullopt;
  double count = -1;  // the directory itself is open, too
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(directory);
  return count;
}

}  // namespace

ProcessSamples::ProcessSamples(std::string replica) : replica_(std::move(replica)), boot_time_(boot_time()) {}

const std::vector<metrics::Sample>& ProcessSamples::at(SteadyPoint now) {
  if (!read_at_ || now - *read_at_ >= kGoodFor) {
    samples_ = read();
    read_at_ = now;
  }
  return samples_;
}

std::vector<metrics::Sample> ProcessSamples::read() const {
  std::vector<metrics::Sample> out;
  const auto add = [&](Family family, std::optional<double> value) {
    if (value) out.push_back({{family, {replica_}}, *value});
  };
  if (const auto stat = read_stat()) {
    add(Family::kProcessCpu, stat->cpu_seconds);
    if (boot_time_) add(Family::kProcessStartTime, *boot_time_ + stat->start_ticks);
    add(Family::kProcessResidentMemory, stat->resident_bytes);
    add(Family::kProcessVirtualMemory, stat->virtual_bytes);
  }
  add(Family::kProcessOpenFds, open_fds());
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) add(Family::kProcessMaxFds, static_cast<double>(limit.rlim_cur));
  return out;
}

}  // namespace ghstats::app
