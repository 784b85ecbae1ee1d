// Pages that must be there all the time.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace ghstats::harness {

// Asks for pages again and again, as Prometheus does but more often, on a thread of its own.
class PageWatch {
 public:
  PageWatch() : thread_([this](const std::stop_token& stop) { watch(stop); }) {}

  // From now on the page must be answered with 200.
  void add(const std::string& name, const std::string& url);
  // Not any more. When it returns nobody is asking.
  void remove(const std::string& name);

  // How many pages were asked for, and what was wrong with whose.
  [[nodiscard]] int pages();
  [[nodiscard]] std::vector<std::string> failures();

 private:
  void watch(const std::stop_token& stop);
  void ask(const std::string& name, const std::string& url);

  std::mutex mutex_;  // held while a page is asked for
  std::condition_variable_any pause_;
  std::map<std::string, std::string> urls_;
  int pages_ = 0;
  std::vector<std::string> failures_;
  std::jthread thread_;
};

}  // namespace ghstats::harness
