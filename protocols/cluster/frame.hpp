#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::cluster {

// What goes over a connection, in both directions alike, all numbers little-endian:
//
//   "BVLINK", u16 version           once, so that a stranger is known by its first byte
//   u32 size, u32 kind, u32 check   before each frame; check: low half of XXH3 over the eight bytes before it
//   payload, `size` bytes
//
// The check finds a reader that has lost its place. The payload has none of ours: TLS has its own, and batches inside
// frames carry theirs.

inline constexpr std::uint16_t protocol_version = 1;
inline constexpr std::size_t preamble_bytes = 8, header_bytes = 12;
inline constexpr std::size_t introduction_bytes_max = 4096;  ///< of a hello or a refusal

enum class frame_kind : std::uint32_t {
  hello = 1,
  refusal = 2,
  begin = 3,  ///< the dialer's: from here on payloads may come
  ping = 4,
  pong = 5,
  payload = 6,
};

/// What opens a stream.
bytes_view preamble();
void append_header(std::string& to, frame_kind kind, std::size_t size);
/// Header and payload.
void append_frame(std::string& to, frame_kind kind, bytes_view payload);

/// Takes a stream of bytes apart, however it is cut. Holds no more than twice what has come of a frame.
class frame_reader {
 public:
  /// Gets whole frames; says whether to go on.
  using frame_handler = std::function<bool(frame_kind, bytes)>;

  /// Payloads of up to so many bytes are read from now on; none before.
  void allow_payloads(std::size_t bytes_max) { payload_bytes_max_ = bytes_max; }

  /// Calls `each` for every frame that is whole now. After an error, or after `each` has said no, the rest is lost.
  /// Errors: `tls_unexpected`, `protocol_unknown`, `protocol_version_unknown`, `frame_malformed`, `frame_too_large`.
  result<void> read(bytes_view came, const frame_handler& each);

 private:
  result<void> read_preamble(bytes_view& came);
  result<void> read_header(bytes_view& came);

  std::size_t payload_bytes_max_ = 0;
  std::size_t preamble_seen_ = 0;
  std::array<char, header_bytes> header_{};
  std::size_t header_seen_ = 0;
  std::uint32_t size_ = 0;
  frame_kind kind_{};
  bytes body_;
};

}  // namespace bv::cluster
