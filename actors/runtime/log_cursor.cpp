// A cursor's text: the shard count and each offset as base-128 varints, in URL-safe base64. Offsets of a
// young log take a character or two each.
#include "actors/runtime/event_log.hpp"

namespace bv::runtime {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void put_varint(std::string& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) to.push_back(static_cast<char>(value | 0x80));
  to.push_back(static_cast<char>(value));
}

bool take_varint(std::string_view& from, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !from.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

std::string to_base64url(std::string_view data) {
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : data) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) text.push_back(alphabet[(bits >> (held - 6)) & 63]);
  }
  if (held > 0) text.push_back(alphabet[(bits << (6 - held)) & 63]);
  return text;
}

bool from_base64url(std::string_view text, std::string& data) {
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == alphabet.npos) return false;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    if ((held += 6) >= 8) data.push_back(static_cast<char>(bits >> (held -= 8)));
  }
  return true;
}

}  // namespace

std::string to_text(const log_cursor& cursor) {
  std::string data;
  put_varint(data, cursor.offsets.size());
  for (const auto offset : cursor.offsets) put_varint(data, offset.value);
  return to_base64url(data);
}

result<log_cursor> parse_cursor(std::string_view text, std::size_t shard_count) {
  const auto bad = [](std::string why) {
    return failure(error_kind::invalid, "bad_cursor", "not a cursor of this event log: " + std::move(why), "after");
  };
  std::string data;
  if (!from_base64url(text, data)) return bad("it holds characters that no cursor has");
  std::string_view rest = data;
  std::uint64_t count = 0;
  if (!take_varint(rest, count)) return bad("it is cut short");
  if (count != shard_count)
    return bad("it is of a node with " + std::to_string(count) + " shards, this one has " + std::to_string(shard_count));
  log_cursor cursor;
  for (std::size_t i = 0; i < shard_count; ++i) {
    std::uint64_t offset = 0;
    if (!take_varint(rest, offset)) return bad("it is cut short");
    cursor.offsets.emplace_back(offset);
  }
  if (!rest.empty()) return bad("something follows its end");
  return cursor;
}

}  // namespace bv::runtime
