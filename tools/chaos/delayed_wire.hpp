#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "protocols/schema/base/result.hpp"

namespace bv::chaos {

/// A wire between two networks that this process carries the frames over: for kernels without `tc netem`. Its ends are TAP
/// devices; what is written into one comes out of the other, later or not at all as it is set. A thread of its own does that.
class delayed_wire {
 public:
  struct end {
    std::string network_namespace;  ///< path
    std::string device;             ///< name for it there; made, and left down
  };
  /// Error `network_failed`.
  static result<delayed_wire> make(const end& left, const end& right, std::uint64_t seed);
  delayed_wire(delayed_wire&&) noexcept;
  delayed_wire& operator=(delayed_wire&&) noexcept;
  ~delayed_wire();

  /// For what goes from left to right. Any thread.
  void delay(std::chrono::milliseconds by);
  /// In both directions. Any thread.
  void lose(unsigned percent);

 private:
  class carrier;
  explicit delayed_wire(std::unique_ptr<carrier> made);
  std::unique_ptr<carrier> carrier_;
};

}  // namespace bv::chaos
