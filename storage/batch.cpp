// The bytes of one batch. The header has a checksum of its own, so that a binary search over headers need not
// read bodies; each record has one, so that damage is named to the byte and a reader that wants one record
// pays for no other. Lengths are part of what a checksum covers: a flipped length moves the covered bytes
// and fails as surely as a flipped byte.
#include "storage/batch.hpp"

#include <limits>

#include "protocols/schema/base/assert.hpp"
#include "storage/coding.hpp"

namespace bv::storage {
namespace {

constexpr std::uint32_t batch_magic = 0x31425642;  // "BVB1"
constexpr std::uint8_t batch_format = 1;
constexpr std::uint8_t control_format = 2;
constexpr std::size_t header_hashed_size = 4 + 1 + 4 * 8 + 3 * 4;
constexpr std::size_t header_size = header_hashed_size + 8;
constexpr std::size_t record_head_size = 4 + 8;
constexpr std::size_t control_head_size = 1 + 8;
constexpr std::size_t body_size_max = std::numeric_limits<std::uint32_t>::max();

// Which of the fields that are mostly zero a record holds.
enum record_flag : std::uint8_t {
  has_command_id = 1,
  has_body_hash = 2,
  has_wake_before = 4,
  has_wake_after = 8
};

std::uint8_t flags_of(const record_view& record) {
  std::uint8_t flags = 0;
  if (record.command_id != hash128_value{}) flags |= has_command_id;
  if (record.body_hash != 0) flags |= has_body_hash;
  if (record.wake_before.ns != 0) flags |= has_wake_before;
  if (record.wake_after.ns != 0) flags |= has_wake_after;
  return flags;
}

void put_record(bytes& out, const record_view& record, std::span<const event_view> events) {
  const auto flags = flags_of(record);
  out.push_back(static_cast<char>(flags));
  put_prefixed(out, record.entity);
  put_varint(out, record.version);
  put_varint(out, record.previous.value);
  put_fixed(out, record.at.ns);
  if (flags & has_wake_before) put_fixed(out, record.wake_before.ns);
  if (flags & has_wake_after) put_fixed(out, record.wake_after.ns);
  if (flags & has_command_id) {
    put_fixed(out, record.command_id.high);
    put_fixed(out, record.command_id.low);
  }
  if (flags & has_body_hash) put_fixed(out, record.body_hash);
  put_prefixed(out, record.reply);
  put_prefixed(out, record.principal);
  put_prefixed(out, record.trace);
  put_prefixed(out, record.correlation);
  put_varint(out, events.size());
  for (const auto& event : events) {
    put_varint(out, event.ordinal);
    put_prefixed(out, event.payload);
  }
}

bool take_record(bytes_view body, record_view& record, std::vector<event_view>& events) {
  decoder in(body);
  record = {};
  events.clear();
  const auto flags = in.fixed<std::uint8_t>();
  record.entity = in.prefixed();
  record.version = in.varint();
  record.previous = log_index{in.varint()};
  record.at.ns = in.fixed<std::int64_t>();
  if (flags & has_wake_before) record.wake_before.ns = in.fixed<std::int64_t>();
  if (flags & has_wake_after) record.wake_after.ns = in.fixed<std::int64_t>();
  if (flags & has_command_id) {
    record.command_id.high = in.fixed<std::uint64_t>();
    record.command_id.low = in.fixed<std::uint64_t>();
  }
  if (flags & has_body_hash) record.body_hash = in.fixed<std::uint64_t>();
  record.reply = in.prefixed();
  record.principal = in.prefixed();
  record.trace = in.prefixed();
  record.correlation = in.prefixed();
  const auto count = in.varint();
  // An event takes two bytes at least: a count beyond that is a lie, and must not size an allocation.
  if (!in.ok || count > in.rest.size() / 2) return false;
  record.event_count = static_cast<std::uint32_t>(count);
  events.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto ordinal = in.varint();
    if (ordinal > std::numeric_limits<std::uint16_t>::max()) return false;
    events.push_back({static_cast<std::uint16_t>(ordinal), in.prefixed()});
  }
  return in.ok && in.rest.empty();
}

tl::unexpected<error> corrupt(std::string what) {
  return failure(error_kind::internal, "journal_corrupt", std::move(what));
}

struct header_fields {
  std::uint8_t format;
  term_number term;
  log_index index;
  event_offset first_offset;
  timestamp written_at;
  std::uint32_t records, events;
  std::size_t body_size;
};

bytes header_of(const header_fields& of) {
  bytes header;
  put_fixed(header, batch_magic);
  put_fixed(header, of.format);
  put_fixed(header, of.term.value);
  put_fixed(header, of.index.value);
  put_fixed(header, of.first_offset.value);
  put_fixed(header, of.written_at.ns);
  put_fixed(header, of.records);
  put_fixed(header, of.events);
  put_fixed(header, static_cast<std::uint32_t>(of.body_size));
  put_fixed(header, hash64(header));
  BV_ASSERT(header.size() == header_size, "the header's size does not match its fields");
  return header;
}

std::uint64_t control_checksum(const control_view& content) {
  bytes covered(1, static_cast<char>(content.kind));
  return hash64(covered.append(content.body));
}

/// The body of the record at `at`, its checksum verified.
result<bytes_view> record_at(bytes_view data, std::size_t at) {
  decoder in(data.substr(at));
  const auto size = in.fixed<std::uint32_t>();
  const auto checksum = in.fixed<std::uint64_t>();
  if (!in.ok || size > in.rest.size())
    return corrupt("a record at byte " + std::to_string(at) + " is cut short");
  const auto body = in.rest.substr(0, size);
  if (hash64(body) != checksum)
    return corrupt("the checksum of the record at byte " + std::to_string(at) + " does not match");
  return body;
}

}  // namespace

batch_builder::batch_builder(log_index index, event_offset first_offset)
    : data_(header_size, '\0'), index_(index), first_offset_(first_offset) {}

void batch_builder::add(const record_view& record, std::span<const event_view> events) {
  const auto start = data_.size();
  data_.append(record_head_size, '\0');
  put_record(data_, record, events);
  BV_ASSERT(data_.size() - header_size <= body_size_max, "a batch is larger than its format allows");
  const bytes_view body = bytes_view(data_).substr(start + record_head_size);
  const auto size = static_cast<std::uint32_t>(body.size());
  const auto checksum = hash64(body);
  std::memcpy(data_.data() + start, &size, sizeof size);
  std::memcpy(data_.data() + start + sizeof size, &checksum, sizeof checksum);
  ++records_;
  events_ += static_cast<std::uint32_t>(events.size());
}

bool batch_builder::empty() const {
  return records_ == 0;
}
std::size_t batch_builder::size_bytes() const {
  return data_.size();
}
std::uint32_t batch_builder::record_count() const {
  return records_;
}
log_index batch_builder::index() const {
  return index_;
}
event_offset batch_builder::first_offset() const {
  return first_offset_;
}
event_offset batch_builder::next_offset() const {
  return event_offset{first_offset_.value + events_};
}

bytes batch_builder::finish(term_number term, timestamp written_at) && {
  const auto header = header_of({batch_format, term, index_, first_offset_, written_at, records_, events_,
                                 data_.size() - header_size});
  std::memcpy(data_.data(), header.data(), header_size);
  return std::move(data_);
}

bytes seal_control_batch(log_index index, event_offset first_offset, term_number term, const control_view& content) {
  BV_ASSERT(content.body.size() <= body_size_max - control_head_size, "a control batch is too large");
  auto data = header_of({control_format, term, index, first_offset, {}, 0, 0, control_head_size + content.body.size()});
  put_fixed(data, content.kind);
  put_fixed(data, control_checksum(content));
  return data.append(content.body);
}

result<batch_reader> batch_reader::open(bytes_view data) {
  if (data.size() < header_size)
    return corrupt("a batch of " + std::to_string(data.size()) + " bytes is shorter than its header");
  decoder in(data);
  const auto magic = in.fixed<std::uint32_t>();
  const auto format = in.fixed<std::uint8_t>();
  if (magic != batch_magic) return corrupt("a batch does not start with its magic number");
  if (format != batch_format && format != control_format)
    return failure(error_kind::internal, "journal_format_unknown",
                   "a batch has format " + std::to_string(format) + ", this program reads formats " +
                       std::to_string(batch_format) + " and " + std::to_string(control_format) + " only");
  batch_reader reader;
  reader.control_ = format == control_format;
  reader.data_ = data;
  reader.at_ = header_size;
  reader.term_ = term_number{in.fixed<std::uint64_t>()};
  reader.index_ = log_index{in.fixed<std::uint64_t>()};
  reader.first_offset_ = event_offset{in.fixed<std::uint64_t>()};
  reader.written_at_ = timestamp{in.fixed<std::int64_t>()};
  reader.records_ = in.fixed<std::uint32_t>();
  reader.events_ = in.fixed<std::uint32_t>();
  const auto body_size = in.fixed<std::uint32_t>();
  if (in.fixed<std::uint64_t>() != hash64(data.substr(0, header_hashed_size)))
    return corrupt("the checksum of a batch's header does not match");
  if (in.rest.size() != body_size)
    return corrupt("a batch has " + std::to_string(in.rest.size()) + " bytes after its header, which says " +
                   std::to_string(body_size));
  return reader;
}

result<control_view> batch_reader::control() const {
  if (!control_) return corrupt("a batch of records stands where a control batch should");
  decoder in(data_.substr(header_size));
  control_view content{.kind = in.fixed<std::uint8_t>(), .body = {}};
  const auto checksum = in.fixed<std::uint64_t>();
  content.body = in.rest;
  if (!in.ok || records_ != 0 || events_ != 0) return corrupt("a control batch is cut short or counts records");
  if (control_checksum(content) != checksum) return corrupt("the checksum of a control batch does not match");
  return content;
}

result<bool> batch_reader::next(record_view& record, std::vector<event_view>& events) {
  if (control_) {
    BV_TRY(control());
    return false;
  }
  if (read_ == records_) {
    if (at_ != data_.size()) return corrupt("a batch goes on after its last record");
    return false;
  }
  BV_ASSIGN(const auto body, record_at(data_, at_));
  if (!take_record(body, record, events))
    return corrupt("the record at byte " + std::to_string(at_) + " has a malformed field");
  at_ += record_head_size + body.size();
  ++read_;
  return true;
}

result<void> verify_batch(bytes_view data) {
  BV_ASSIGN(const auto reader, batch_reader::open(data));
  if (reader.is_control()) {
    BV_TRY(reader.control());
    return {};
  }
  auto at = header_size;
  for (std::uint32_t i = 0; i < reader.record_count(); ++i) {
    BV_ASSIGN(const auto body, record_at(data, at));
    at += record_head_size + body.size();
  }
  if (at != data.size()) return corrupt("a batch goes on after its last record");
  return {};
}

}  // namespace bv::storage
