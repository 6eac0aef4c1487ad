#pragma once

#include <memory>

#include "actors/runtime/clock.hpp"
#include "actors/runtime/companion.hpp"
#include "actors/runtime/gateway.hpp"
#include "actors/runtime/random.hpp"

namespace bv::runtime {

class shard_door;
class shard_host;

/// The services that a shard gives to one companion. Whatever comes back after the companion is gone is dropped:
/// the next companion of the entity asks again, with the same ids.
class companion_host final : public companion_services {
 public:
  companion_host(const clock& time, random_source& random, gateway& entities, shard_host& host);

  timestamp now() const override { return time_.now(); }
  random_source& random() override { return random_; }
  void ask(command_request request, receipt_handler answer) override;
  void after(duration delay, std::function<void()> action) override;
  std::function<void(result<bytes>)> on_shard(std::function<void(result<bytes>)> handler) override;

 private:
  template <class Answer>
  std::function<void(result<Answer>)> guarded(std::function<void(result<Answer>)> handler);

  const clock& time_;
  random_source& random_;
  gateway& entities_;
  shard_host& host_;
  const std::shared_ptr<const shard_door> door_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace bv::runtime
