// Pages of a list, as every GitHub list endpoint serves them.
#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "sim/rest/call.h"
#include "sim/rest/reply.h"

namespace ghstats::sim {

struct Page {
  std::size_t number = 1;
  std::size_t size = 30;  // per_page

  [[nodiscard]] std::size_t begin(std::size_t total) const { return std::min((number - 1) * size, total); }
  [[nodiscard]] std::size_t end(std::size_t total) const { return std::min(number * size, total); }
};

// Nonsense counts as absent. More than `most` on a page is `most`.
Page requested_page(const Query& query, std::size_t otherwise = 30, std::size_t most = 100);

// The Link header's value for a list at `path` ("/repositories/1000/issues"), empty when everything fits on one page.
std::string link_header(const Call& call, const Page& page, std::size_t total, const std::string& path);

// Renders the requested page of `items` as a JSON array with its Link header.
template <class Item, class Render>
Reply list_reply(const Call& call, const std::vector<Item>& items, const std::string& path, Render render) {
  const auto page = requested_page(call.query);
  boost::json::array rendered;
  for (std::size_t i = page.begin(items.size()); i < page.end(items.size()); ++i) rendered.push_back(render(items[i]));
  auto reply = json_reply(200, rendered);
  auto link = link_header(call, page, items.size(), path);
  if (!link.empty()) reply.headers.add("Link", std::move(link));
  return reply;
}

// "/repositories/{id}/commits": lists link by id, whatever they were asked by.
std::string repository_path(const Repository& repository, std::string_view rest);

}  // namespace ghstats::sim
