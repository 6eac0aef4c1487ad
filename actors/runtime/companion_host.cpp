#include "actors/runtime/companion_host.hpp"

#include <utility>

#include "actors/runtime/shard.hpp"

namespace bv::runtime {

companion_host::companion_host(const clock& time, random_source& random, gateway& entities, shard_host& host)
    : time_(time), random_(random), entities_(entities), host_(host), door_(host.door()) {}

template <class Answer>
std::function<void(result<Answer>)> companion_host::guarded(std::function<void(result<Answer>)> handler) {
  return [door = door_, alive = std::weak_ptr<const bool>(alive_),
          handler = std::move(handler)](result<Answer> answer) {
    door->post([alive, handler, answer = std::move(answer)]() mutable {
      if (!alive.expired()) handler(std::move(answer));
    });
  };
}

void companion_host::ask(command_request request, receipt_handler answer) {
  entities_.ask(std::move(request), guarded<receipt>(std::move(answer)));
}

void companion_host::after(duration delay, std::function<void()> action) {
  host_.post_after(delay, [alive = std::weak_ptr<const bool>(alive_), action = std::move(action)] {
    if (!alive.expired()) action();
  });
}

std::function<void(result<bytes>)> companion_host::on_shard(std::function<void(result<bytes>)> handler) {
  return guarded<bytes>(std::move(handler));
}

std::unique_ptr<companion_services> shard::make_services() {
  return std::make_unique<companion_host>(around_.time, random_, around_.entities, around_.host);
}

}  // namespace bv::runtime
