#include "github/rest/model_json.h"

namespace ghstats::github {

std::optional<Account> read_account(JsonObject& parent, std::string_view field, EmptyAccount empty) {
  auto object = parent.nullable_object(field);
  if (!object) return std::nullopt;
  Account account;
  if (empty == EmptyAccount::kMeansAbsent) {
    auto login = object->nullable_string("login");
    if (!login) return std::nullopt;
    account.login = *std::move(login);
  } else {
    account.login = object->string("login");
  }
  account.bot = object->nullable_string("type") == "Bot";
  return account;
}

Repository read_repository(JsonObject& json) {
  Repository out;
  out.id = RepoId{json.number("id")};
  out.name = json.string("name");
  out.full_name = json.string("full_name");
  out.fork = json.flag("fork");
  out.archived = json.flag("archived");
  out.disabled = json.flag("disabled");
  out.default_branch = json.nullable_string("default_branch").value_or("");
  out.pushed_at = json.nullable_time("pushed_at");
  out.node_id = json.nullable_string("node_id").value_or("");
  return out;
}

Issue read_issue(JsonObject& json) {
  Issue out;
  out.number = json.number("number");
  out.user = read_account(json, "user");
  out.created_at = json.time("created_at");
  out.updated_at = json.time("updated_at");
  out.closed_at = json.nullable_time("closed_at");
  if (out.closed_at) {
    out.closed_by = read_account(json, "closed_by");
    out.closer_told = out.closed_by || json.has("closed_by");
  }
  out.reopened = !out.closed_at && json.nullable_string("state_reason") == "reopened";
  return out;
}

Comment read_comment(JsonObject& json) {
  Comment out;
  out.id = json.number("id");
  out.user = read_account(json, "user");
  out.created_at = json.time("created_at");
  out.updated_at = json.time("updated_at");
  return out;
}

}  // namespace ghstats::github
