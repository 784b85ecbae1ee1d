#include "github/rest/paging.h"

#include "github/rest/link_header.h"

namespace ghstats::github {

PageCursor::PageCursor(http::Origin origin, std::string first_url, int max_pages)
    : origin_(std::move(origin)), seen_{std::move(first_url)}, max_pages_(max_pages) {}

Result<std::optional<std::string>> PageCursor::next(const http::Response& response) {
  auto link = next_link(response.headers);
  if (!link) return fail(link.error().with_context(fmt::format("page {}", page_)));
  if (!*link) return std::optional<std::string>();
  std::string url = **std::move(link);
  if (!http::origin_of(url)) {
    // A relative reference; absolute ones are kept byte for byte.
    auto resolved = http::resolve_url(response.url, url);
    if (!resolved) {
      return fail(ErrorCode::kInvalidData, fmt::format("page {}: the link to the next page is no URL", page_));
    }
    url = *std::move(resolved);
  }
  const auto origin = http::origin_of(url);
  if (!origin || *origin != origin_) {
    return fail(ErrorCode::kInvalidData, fmt::format("page {}: refused to follow a link to another host", page_));
  }
  if (!seen_.insert(url).second) {
    return fail(ErrorCode::kInvalidData, fmt::format("page {}: the link to the next page leads back", page_));
  }
  if (page_ >= max_pages_) return fail(ErrorCode::kTooLarge, fmt::format("more than {} pages", max_pages_));
  ++page_;
  return std::optional(std::move(url));
}

Status ListingMeter::on_body(std::size_t bytes) {
  bytes_ += bytes;
  on_page_ = 0;
  if (bytes_ <= budget_.bytes) return {};
  return fail(ErrorCode::kTooLarge, fmt::format("more than {} MiB", budget_.bytes >> 20U));
}

Status ListingMeter::on_item() {
  if (++on_page_ > kItemsPerPage) {
    return fail(ErrorCode::kTooLarge, fmt::format("more than the {} items that were asked for", kItemsPerPage));
  }
  if (++items_ > budget_.items) return fail(ErrorCode::kTooLarge, fmt::format("more than {} items", budget_.items));
  return {};
}

Status ListingMeter::on_page_end(std::size_t distinct_items) {
  without_news_ = distinct_items > distinct_ ? 0 : without_news_ + 1;
  distinct_ = distinct_items;
  if (without_news_ < budget_.pages_without_news) return {};
  return fail(ErrorCode::kTooLarge, fmt::format("the last {} pages brought nothing new", without_news_));
}

Result<std::string> repository_path(const std::string& full_name) {
  const auto slash = full_name.find('/');
  const auto owner = std::string_view(full_name).substr(0, slash);
  const auto name = slash == std::string::npos ? std::string_view() : std::string_view(full_name).substr(slash + 1);
  const auto usable = [](std::string_view part) {
    return !part.empty() && part != "." && part != ".." && part.find('/') == std::string_view::npos;
  };
  if (!usable(owner) || !usable(name)) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is not owner/name", full_name));
  }
  return fmt::format("/repos/{}/{}", http::percent_encode(owner), http::percent_encode(name));
}

}  // namespace ghstats::github
