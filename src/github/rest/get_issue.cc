#include "github/rest/get_issue.h"

#include <fmt/format.h>

#include "github/rest/model_json.h"
#include "github/rest/paging.h"

namespace ghstats::github {

async::Task<Result<Issue>> get_issue(Api& api, std::string full_name, std::uint64_t number) {
  const std::string what = fmt::format("get issue {} of {}", number, full_name);
  const auto path = repository_path(full_name);
  if (!path) co_return fail(path.error().with_context(what));
  const Call call{"get_issue", what, fmt::format("{}/issues/{}", *path, number), {}};
  auto response = co_await api.get(call);
  if (!response) co_return fail(std::move(response).error());
  JsonBody json(response->body);
  Issue out;
  if (auto object = json.object()) out = read_issue(*object);
  if (const auto status = json.status(); !status) {
    api.forget(call);
    co_return fail(status.error().with_context(what));
  }
  co_return out;
}

}  // namespace ghstats::github
