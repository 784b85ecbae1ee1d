#include "github/rest/get_repository.h"

#include <fmt/format.h>

#include "github/rest/model_json.h"
#include "github/rest/paging.h"

namespace ghstats::github {

namespace {

async::Task<Result<Repository>> get(Api& api, Call call) {
  const std::string what = call.what;
  auto response = co_await api.get(call);
  if (!response) co_return fail(std::move(response).error());
  JsonBody json(response->body);
  Repository out;
  if (auto object = json.object()) out = read_repository(*object);
  if (const auto status = json.status(); !status) {
    api.forget(call);
    co_return fail(status.error().with_context(what));
  }
  co_return out;
}

}  // namespace

async::Task<Result<Repository>> get_repository(Api& api, RepoId id) {
  const auto number = to_number(id);
  Call call{"get_repository", fmt::format("get repository {}", number), fmt::format("/repositories/{}", number), {}};
  return get(api, std::move(call));
}

async::Task<Result<Repository>> get_repository(Api& api, std::string full_name) {
  const std::string what = "get repository " + full_name;
  auto path = repository_path(full_name);
  if (!path) co_return fail(path.error().with_context(what));
  Call call{"get_repository", what, *std::move(path), {}};
  co_return co_await get(api, std::move(call));
}

}  // namespace ghstats::github
