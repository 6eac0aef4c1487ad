#include "protocols/http/endpoint.hpp"

#include <exception>

#include "protocols/http/identity.hpp"
#include "protocols/http/worker_pool.hpp"

namespace bv::http {

const schema::aggregate_contract* contract_book::find(std::string_view type) const {
  for (const auto* one : all_)
    if (one->name() == type) return one;
  return nullptr;
}

void answer_from_worker(worker_pool& blocking, const reply& answer, std::function<result<response>()> make) {
  const bool taken = blocking.run([answer, make = std::move(make)] {
    try {
      auto made = make();
      made ? answer.send(*std::move(made)) : answer.fail(made.error());
    } catch (const std::exception&) {
      answer.fail({error_kind::internal, "internal", "the answer could not be made", {}});
    }
  });
  if (!taken)
    answer.fail(
        {error_kind::overloaded, "too_many_queries", "too many queries wait for an answer", {}, 1000});
}

result<std::string_view> required_principal(const runtime::caller& from) {
  if (from.principal == anonymous)
    return failure(error_kind::unauthenticated, "user_required", "say who you are in the X-User-Id header",
                   "X-User-Id");
  return std::string_view(from.principal);
}

}  // namespace bv::http
