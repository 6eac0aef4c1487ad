#include "protocols/cluster/frame.hpp"

#include <algorithm>
#include <cstring>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/hash.hpp"

namespace bv::cluster {
namespace {

constexpr char opening[preamble_bytes] = {'B', 'V', 'L', 'I', 'N', 'K', protocol_version & 0xff, protocol_version >> 8};
constexpr std::size_t magic_bytes = 6;
constexpr char tls_handshake = 0x16, tls_alert = 0x15;  // first byte of a TLS record

void append_u32(std::string& to, std::uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) to += static_cast<char>(number >> shift);
}

std::uint32_t u32_at(const char* from) {
  std::uint32_t number = 0;
  for (int i = 3; i >= 0; --i) number = number << 8 | static_cast<unsigned char>(from[i]);
  return number;
}

std::uint32_t check_of(const char* header) { return static_cast<std::uint32_t>(hash64({header, 8})); }

tl::unexpected<error> not_this_protocol(char first) {
  if (first == tls_handshake || first == tls_alert)
    return failure(error_kind::invalid, "tls_unexpected", "the other end speaks TLS, and this node's links are insecure");
  return failure(error_kind::invalid, "protocol_unknown", "the other end does not speak the protocol of nodes");
}

}  // namespace

bytes_view preamble() { return {opening, preamble_bytes}; }

void append_header(std::string& to, frame_kind kind, std::size_t size) {
  BV_ASSERT(size <= UINT32_MAX, "a frame's size fits its header");
  const auto start = to.size();
  append_u32(to, static_cast<std::uint32_t>(size));
  append_u32(to, static_cast<std::uint32_t>(kind));
  append_u32(to, check_of(to.data() + start));
}

void append_frame(std::string& to, frame_kind kind, bytes_view payload) {
  append_header(to, kind, payload.size());
  to += payload;
}

result<void> frame_reader::read_preamble(bytes_view& came) {
  const auto size = std::min(came.size(), preamble_bytes - preamble_seen_);
  for (std::size_t i = 0; i < size; ++i, ++preamble_seen_) {
    if (came[i] == opening[preamble_seen_]) continue;
    if (preamble_seen_ < magic_bytes) return not_this_protocol(came[i]);
    return failure(error_kind::invalid, "protocol_version_unknown",
                   "the other end speaks another version of the protocol of nodes; this node speaks version " + std::to_string(protocol_version));
  }
  came.remove_prefix(size);
  return {};
}

result<void> frame_reader::read_header(bytes_view& came) {
  const auto size = std::min(came.size(), header_bytes - header_seen_);
  std::memcpy(header_.data() + header_seen_, came.data(), size);
  header_seen_ += size;
  came.remove_prefix(size);
  if (header_seen_ < header_bytes) return {};

  size_ = u32_at(header_.data());
  const auto kind = u32_at(header_.data() + 4);
  const bool known = kind >= static_cast<std::uint32_t>(frame_kind::hello) && kind <= static_cast<std::uint32_t>(frame_kind::payload);
  if (u32_at(header_.data() + 8) != check_of(header_.data()) || !known)
    return failure(error_kind::invalid, "frame_malformed", "a frame's header is damaged, or of an unknown kind");
  kind_ = static_cast<frame_kind>(kind);
  const bool introduces = kind_ == frame_kind::hello || kind_ == frame_kind::refusal;
  const auto most = introduces ? introduction_bytes_max : kind_ == frame_kind::payload ? payload_bytes_max_ : 0;
  if (size_ > most)
    return failure(error_kind::too_large, "frame_too_large",
                   "a frame claims " + std::to_string(size_) + " bytes; at most " + std::to_string(most) + " are taken now");
  return {};
}

result<void> frame_reader::read(bytes_view came, const frame_handler& each) {
  if (preamble_seen_ < preamble_bytes) BV_TRY(read_preamble(came));
  while (!came.empty()) {
    if (header_seen_ < header_bytes) BV_TRY(read_header(came));
    if (header_seen_ < header_bytes) break;
    const auto part = came.substr(0, size_ - body_.size());
    body_ += part;
    came.remove_prefix(part.size());
    if (body_.size() < size_) break;
    header_seen_ = 0;
    if (!each(kind_, std::exchange(body_, {}))) return {};
  }
  return {};
}

}  // namespace bv::cluster
