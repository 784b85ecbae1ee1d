#include "sim/rest/paging.h"

#include <fmt/format.h>

#include <charconv>

namespace ghstats::sim {
namespace {

std::size_t positive_or(const Query& query, std::string_view name, std::size_t otherwise) {
  const auto text = query.get(name);
  if (!text) return otherwise;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  constexpr std::size_t kSane = 1'000'000'000;
  if (error != std::errc{} || end != text->data() + text->size() || value == 0) return otherwise;
  return std::min(value, kSane);
}

}  // namespace

Page requested_page(const Query& query, std::size_t otherwise, std::size_t most) {
  return {positive_or(query, "page", 1), std::min(positive_or(query, "per_page", otherwise), most)};
}

std::string link_header(const Call& call, const Page& page, std::size_t total, const std::string& path) {
  const std::size_t last = (total + page.size - 1) / page.size;
  if (last <= 1 && page.number == 1) return {};
  std::string header;
  const auto add = [&](std::size_t number, std::string_view relation) {
    if (!header.empty()) header += ", ";
    header += fmt::format("<{}{}?{}>; rel=\"{}\"", call.api_base, path, call.query.with_page(number), relation);
  };
  if (page.number > 1) add(std::min(page.number - 1, std::max<std::size_t>(last, 1)), "prev");
  if (page.number < last) add(page.number + 1, "next");
  if (page.number < last) add(last, "last");
  if (page.number > 1) add(1, "first");
  return header;
}

std::string repository_path(const Repository& repository, std::string_view rest) {
  return fmt::format("/repositories/{}{}", repository.id, rest);
}

}  // namespace ghstats::sim
