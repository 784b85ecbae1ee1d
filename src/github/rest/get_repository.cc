#include "github/rest/get_repository.h"

#include <fmt/format.h>

#include "github/model_json.h"

namespace ghstats::github {

async::Task<Result<Repository>> get_repository(Api& api, RepoId id) {
  const auto number = to_number(id);
  Call call{"get_repository", fmt::format("get repository {}", number), fmt::format("/repositories/{}", number), {}};
  const std::string what = call.what;
  auto response = co_await api.get(std::move(call));
  if (!response) co_return fail(std::move(response).error());
  JsonBody json(response->body);
  Repository out;
  if (auto object = json.object()) out = read_repository(*object);
  if (const auto status = json.status(); !status) co_return fail(status.error().with_context(what));
  co_return out;
}

}  // namespace ghstats::github
