#include "harness/page_watch.h"

#include <chrono>
#include <exception>

#include "harness/http.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetweenRounds = 100ms;  // asking more often would slow down what is watched

}  // namespace

void PageWatch::add(const std::string& name, const std::string& url) {
  const std::scoped_lock lock(mutex_);
  urls_[name] = url;
}

void PageWatch::remove(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  urls_.erase(name);
}

int PageWatch::pages() {
  const std::scoped_lock lock(mutex_);
  return pages_;
}

std::vector<std::string> PageWatch::failures() {
  const std::scoped_lock lock(mutex_);
  return failures_;
}

void PageWatch::ask(const std::string& name, const std::string& url) {
  ++pages_;
  try {
    const int status = get(url).status;
    if (status != 200) failures_.push_back(name + ": " + std::to_string(status));
  } catch (const std::exception& e) {
    failures_.push_back(name + ": " + e.what());
  }
}

void PageWatch::watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    for (const auto& [name, url] : urls_) ask(name, url);
    pause_.wait_for(lock, stop, kBetweenRounds, [] { return false; });
  }
}

}  // namespace ghstats::harness
