#include "tools/bench/failover_writers.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "actors/runtime/router.hpp"
#include "tools/bench/closed_loop.hpp"
#include "tools/bench/http_load.hpp"
#include "tools/bench/shopper.hpp"

namespace bv::bench {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::uint32_t writers_per_shard = 2;
/// Between two goes at a command.
constexpr std::chrono::milliseconds pause{10};
/// Longer than a node takes to say that nobody leads: it hangs.
constexpr std::chrono::seconds patience{3};

/// A name whose cart is in that shard.
std::string shopper_of(std::uint16_t shard, std::uint32_t which, std::uint16_t shards) {
  for (std::uint64_t number = 0;; ++number) {
    auto name = "writer-" + std::to_string(which) + "-" + std::to_string(number);
    if (runtime::shard_of(entity_key::trusted(entity_key::default_tenant, "cart", name), shards).value == shard) return name;
  }
}

}  // namespace

struct failover_writers::parts {
  struct told {
    std::mutex guard;
    std::vector<answer_time> answers;
    std::uint64_t count = 0;
    std::string refused;
  };
  class writer;

  std::vector<std::uint16_t> ports;
  std::vector<std::string> skus;
  told heard;
  asio::io_context io{1};
  std::vector<std::unique_ptr<writer>> writers;
  std::thread thread;
};

class failover_writers::parts::writer {
 public:
  writer(asio::io_context& io, const std::vector<std::uint16_t>& ports, const std::vector<std::string>& skus, std::uint16_t shard,
         std::string shopper, std::size_t first, told& to)
      : socket_(io), timer_(io), ports_(ports), skus_(skus), shard_(shard), shopper_(std::move(shopper)), at_(first), told_(to) {}

  void begin() { send(); }
  void stop() {
    stopped_ = true;
    timer_.cancel();
    hang_up();
  }

 private:
  void hang_up() {
    error_code ignored;
    socket_.close(ignored);
    ++attempt_;
  }
  /// Whether `why` is none and nothing has come in between; goes on elsewhere if it is one.
  bool good(std::uint64_t attempt, const error_code& why) {
    if (stopped_ || attempt != attempt_) return false;
    if (why) elsewhere();
    return !why;
  }

  void send() {
    timer_.expires_after(patience);
    timer_.async_wait([this, attempt = attempt_](const error_code& why) {
      if (!why && !stopped_ && attempt == attempt_) elsewhere();
    });
    answer_.clear();
    const auto attempt = attempt_;
    if (socket_.is_open()) return write();
    socket_.async_connect({asio::ip::address_v4::loopback(), ports_[at_ % ports_.size()]}, [this, attempt](const error_code& why) {
      if (good(attempt, why)) write();
    });
  }

  void write() {
    const bool clears = empties_cart(count_);
    const auto id = "\r\nIdempotency-Key: " + shopper_ + "-" + std::to_string(count_);
    request_ = clears ? http_request("DELETE /api/cart", shopper_ + id)
                      : http_request("POST /api/cart/items", shopper_ + id,
                                     R"({"sku":")" + skus_[count_ % skus_.size()] + R"(","quantity":1})");
    asio::async_write(socket_, asio::buffer(request_), [this, attempt = attempt_](const error_code& why, std::size_t) {
      if (good(attempt, why)) receive();
    });
  }

  void receive() {
    socket_.async_read_some(asio::buffer(chunk_), [this, attempt = attempt_](const error_code& why, std::size_t size) {
      if (!good(attempt, why)) return;
      answer_.append(chunk_.data(), size);
      if (!answer_size(answer_)) return receive();
      answered();
    });
  }

  void answered() {
    const auto now = wall_seconds();
    switch (answer_class(answer_)) {
      case '2': {
        const std::lock_guard lock(told_.guard);
        told_.answers.push_back({shard_, now});
        ++told_.count;
        ++count_;
        break;
      }
      case '5': return elsewhere();
      default: {
        const std::lock_guard lock(told_.guard);
        told_.refused = answer_;
        return stop();
      }
    }
    send();
  }

  void elsewhere() {
    hang_up();
    ++at_;
    timer_.expires_after(pause);
    timer_.async_wait([this](const error_code& why) {
      if (!why && !stopped_) send();
    });
  }

  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  const std::vector<std::uint16_t>& ports_;
  const std::vector<std::string>& skus_;
  const std::uint16_t shard_;
  const std::string shopper_;
  std::size_t at_;  ///< the node that it turns to
  told& told_;
  bool stopped_ = false;
  std::uint64_t attempt_ = 0;  ///< what belongs to an earlier one is void
  std::uint64_t count_ = 0;    ///< of the command that is under way
  std::string request_, answer_;
  std::array<char, 8192> chunk_{};
};

failover_writers::failover_writers(std::vector<std::uint16_t> ports, std::uint16_t shards, std::vector<std::string> skus)
    : parts_(std::make_unique<parts>()) {
  auto& p = *parts_;
  p.ports = std::move(ports);
  p.skus = std::move(skus);
  for (std::uint16_t shard = 0; shard < shards; ++shard)
    for (std::uint32_t i = 0; i < writers_per_shard; ++i)
      p.writers.push_back(std::make_unique<parts::writer>(p.io, p.ports, p.skus, shard, shopper_of(shard, i, shards),
                                                          p.writers.size(), p.heard));
  p.thread = std::thread([&p] {
    for (const auto& one : p.writers) one->begin();
    p.io.run();
  });
}

failover_writers::~failover_writers() { (void)stop(); }

std::vector<answer_time> failover_writers::take_answers() {
  const std::lock_guard lock(parts_->heard.guard);
  return std::exchange(parts_->heard.answers, {});
}

result<std::uint64_t> failover_writers::stop() {
  auto& p = *parts_;
  if (p.thread.joinable()) {
    asio::post(p.io, [&p] {
      for (const auto& one : p.writers) one->stop();
    });
    p.thread.join();
  }
  if (!p.heard.refused.empty()) return failure(error_kind::internal, "check_failed", "a command was refused: " + p.heard.refused);
  return p.heard.count;
}

}  // namespace bv::bench
