#include "tools/chaos/delayed_wire.hpp"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <thread>
#include <utility>

#include "actors/runtime/random.hpp"
#include "tools/chaos/network_failed.hpp"

namespace bv::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Frames under way in one direction; what is more is lost, as in a full queue of netem.
constexpr std::size_t frames_max = 4096;
constexpr std::size_t frame_size_bytes_max = 65'536;

}  // namespace

class delayed_wire::carrier {
 public:
  /// Closed at its end.
  class handle {
   public:
    explicit handle(int number) : number_(number) {}
    handle(handle&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    ~handle() {
      if (number_ >= 0) ::close(number_);
    }
    [[nodiscard]] int number() const { return number_; }

   private:
    int number_;
  };

  /// A TAP device is made in the network of the thread that asks; one that goes there would have to come back.
  static result<handle> make_tap(const end& where) {
    int made = -1;
    std::string wrong;
    std::thread([&] {
      const handle network(::open(where.network_namespace.c_str(), O_RDONLY | O_CLOEXEC));
      if (network.number() < 0 || ::setns(network.number(), CLONE_NEWNET) != 0) {
        wrong = std::string("can't enter ") + where.network_namespace + ": " + std::strerror(errno);
        return;
      }
      made = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
      ifreq asked{};
      asked.ifr_flags = IFF_TAP | IFF_NO_PI;
      where.device.copy(asked.ifr_name, sizeof asked.ifr_name - 1);
      if (made < 0 || ::ioctl(made, TUNSETIFF, &asked) != 0)
        wrong = "can't make the TAP device " + where.device + ": " + std::strerror(errno);
    }).join();
    handle kept(made);
    if (wrong.empty()) return kept;
    return failure(error_kind::internal, "network_failed", wrong);
  }

  carrier(handle left, handle right, handle wake, std::uint64_t seed)
      : ends_{std::move(left), std::move(right)}, wake_(std::move(wake)), chance_(seed), thread_([this] { carry(); }) {}
  ~carrier() {
    stopping_ = true;
    const std::uint64_t one = 1;
    while (::write(wake_.number(), &one, sizeof one) < 0 && errno == EINTR) continue;
    thread_.join();
  }

  std::atomic<std::int64_t> delay_ms{0};  ///< of what comes from the left
  std::atomic<unsigned> loss_percent{0};

 private:
  struct frame {
    steady_clock::time_point due;
    std::string data;
  };

  void carry() {
    while (!stopping_) {
      std::array<pollfd, 3> waiting{{{ends_[0].number(), POLLIN, 0}, {ends_[1].number(), POLLIN, 0}, {wake_.number(), POLLIN, 0}}};
      ::poll(waiting.data(), waiting.size(), until_next_ms());
      for (std::size_t from = 0; from < ends_.size(); ++from)
        if (waiting[from].revents != 0) take(from);
      for (std::size_t from = 0; from < ends_.size(); ++from) deliver(from);
    }
  }

  [[nodiscard]] int until_next_ms() const {
    auto next = steady_clock::time_point::max();
    for (const auto& queue : under_way_)
      if (!queue.empty()) next = std::min(next, queue.front().due);
    if (next == steady_clock::time_point::max()) return -1;
    const auto left = std::chrono::ceil<milliseconds>(next - steady_clock::now()).count();
    return static_cast<int>(std::max<std::int64_t>(0, left));
  }

  void take(std::size_t from) {
    auto& queue = under_way_[from];
    for (std::size_t count = 0; count < frames_max; ++count) {
      const auto size = ::read(ends_[from].number(), page_.data(), page_.size());
      if (size <= 0) return;
      if (queue.size() >= frames_max || chance_.below(100) < loss_percent) continue;
      // Frames keep their order when the delay becomes less.
      auto due = steady_clock::now() + milliseconds(from == 0 ? delay_ms.load() : 0);
      if (!queue.empty()) due = std::max(due, queue.back().due);
      queue.push_back({due, std::string(page_.data(), static_cast<std::size_t>(size))});
    }
  }

  void deliver(std::size_t from) {
    auto& queue = under_way_[from];
    const auto now = steady_clock::now();
    for (; !queue.empty() && queue.front().due <= now; queue.pop_front()) {
      const auto& data = queue.front().data;
      // A device that is down, or whose queue is full, loses it: so do wires.
      static_cast<void>(!::write(ends_[1 - from].number(), data.data(), data.size()));
    }
  }

  const std::array<handle, 2> ends_;
  const handle wake_;
  std::atomic<bool> stopping_{false};
  runtime::random_source chance_;
  std::array<std::deque<frame>, 2> under_way_;  ///< by the end that they came in at
  std::string page_ = std::string(frame_size_bytes_max, '\0');
  std::thread thread_;
};

delayed_wire::delayed_wire(std::unique_ptr<carrier> made) : carrier_(std::move(made)) {}
delayed_wire::delayed_wire(delayed_wire&&) noexcept = default;
delayed_wire& delayed_wire::operator=(delayed_wire&&) noexcept = default;
delayed_wire::~delayed_wire() = default;

result<delayed_wire> delayed_wire::make(const end& left, const end& right, std::uint64_t seed) {
  BV_ASSIGN(auto one, carrier::make_tap(left));
  BV_ASSIGN(auto other, carrier::make_tap(right));
  carrier::handle wake(::eventfd(0, EFD_CLOEXEC));
  if (wake.number() < 0) return network_failed("can't make an eventfd");
  return delayed_wire(std::make_unique<carrier>(std::move(one), std::move(other), std::move(wake), seed));
}

void delayed_wire::delay(std::chrono::milliseconds by) { carrier_->delay_ms = by.count(); }
void delayed_wire::lose(unsigned percent) { carrier_->loss_percent = percent; }

}  // namespace bv::chaos
