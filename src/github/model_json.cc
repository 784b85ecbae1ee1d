#include "github/model_json.h"

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

}  // namespace ghstats::github
