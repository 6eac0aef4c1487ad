#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/time.hpp"
#include "storage/types.hpp"

namespace bv::storage {

/// One event as the journal holds it. `ordinal` is the member of the contract's Event union; `payload` the
/// Cap'n Proto message whose root is that Event struct.
struct event_view {
  std::uint16_t ordinal = 0;
  bytes_view payload;
};

/// What one accepted (or remembered) command left behind. Views point into the batch's bytes.
struct record_view {
  bytes_view entity;            ///< canonical entity_key
  std::uint64_t version = 0;    ///< events of this entity so far, those of this record included
  log_index previous;           ///< batch that holds the entity's record before this one; 0 if none
  timestamp at;                 ///< when it was decided
  timestamp wake_before;        ///< wake-up that was registered for the entity before; 0 none
  timestamp wake_after;         ///< wake-up that is registered from here on; 0 none
  hash128_value command_id;     ///< zero if the caller gave none: then nothing is remembered for dedupe
  std::uint64_t body_hash = 0;  ///< of the command's bytes
  bytes_view reply;             ///< encoded first answer, kept for retries; empty if command_id is zero
  bytes_view principal;
  bytes_view trace;  ///< W3C traceparent or empty
  bytes_view correlation;
  std::uint32_t event_count = 0;
};

/// Builds the bytes of one batch. Records are encoded as they come: nothing is held twice.
///
/// Layout, little-endian: header {magic u32, format u8, term u64, index u64, first_offset u64, written_at
/// i64, record count u32, event count u32, body size u32, xxh3-64 of the header}, then for each record {size
/// u32, xxh3-64 of the record, fields with varint lengths}.
class batch_builder {
 public:
  /// `index` and `first_offset` are what the batch will have in the log; both are known before it is
  /// written because a shard has one writer.
  batch_builder(log_index index, event_offset first_offset);

  void add(const record_view& record, std::span<const event_view> events);

  [[nodiscard]] bool empty() const;
  [[nodiscard]] std::size_t size_bytes() const;
  [[nodiscard]] std::uint32_t record_count() const;
  [[nodiscard]] log_index index() const;
  [[nodiscard]] event_offset first_offset() const;
  /// Offset that the next batch starts with.
  [[nodiscard]] event_offset next_offset() const;

  /// Seals the header and hands the bytes over; the builder is empty afterwards and must not be used again.
  bytes finish(term_number term, timestamp written_at) &&;

 private:
  bytes data_;
  log_index index_;
  event_offset first_offset_;
  std::uint32_t records_ = 0;
  std::uint32_t events_ = 0;
};

/// What a control batch holds: an entry that replication itself put into the log.
struct control_view {
  std::uint8_t kind = 0;  ///< what it is; the numbers belong to whoever writes such batches
  bytes_view body;
};

/// The bytes of a control batch: a place in the log without records and events, so that readers of records see an empty
/// batch. A pure function of its arguments: every replica seals the same bytes. `first_offset` is what the next event
/// will have.
///
/// Layout: the header of a batch with format 2, no records, no events and written at 0, then {kind u8, xxh3-64 of kind
/// and body, body}.
bytes seal_control_batch(log_index index, event_offset first_offset, term_number term, const control_view& content);

/// Reads a batch's bytes, which must outlive it. Every record's checksum is verified when it is reached.
class batch_reader {
 public:
  /// Checks magic, format, header checksum and size. Errors: `journal_corrupt`, `journal_format_unknown`.
  static result<batch_reader> open(bytes_view data);

  [[nodiscard]] term_number term() const { return term_; }
  [[nodiscard]] log_index index() const { return index_; }
  [[nodiscard]] event_offset first_offset() const { return first_offset_; }
  [[nodiscard]] timestamp written_at() const { return written_at_; }
  [[nodiscard]] std::uint32_t record_count() const { return records_; }
  [[nodiscard]] std::uint32_t event_count() const { return events_; }
  [[nodiscard]] event_offset next_offset() const { return event_offset{first_offset_.value + events_}; }
  [[nodiscard]] bool is_control() const { return control_; }

  /// The content of a control batch, its checksum verified. `journal_corrupt` if it is damaged or is no control batch.
  result<control_view> control() const;

  /// Moves to the next record and fills `record` and `events` (whose views live as long as the batch).
  /// False at the end; `journal_corrupt` with the byte position if a checksum or a length is wrong.
  result<bool> next(record_view& record, std::vector<event_view>& events);

 private:
  bytes_view data_;
  std::size_t at_ = 0;
  term_number term_;
  log_index index_;
  event_offset first_offset_;
  timestamp written_at_;
  std::uint32_t records_ = 0, events_ = 0, read_ = 0;
  bool control_ = false;
};

/// Checks every checksum of a batch without decoding it. Errors as batch_reader's.
result<void> verify_batch(bytes_view data);

}  // namespace bv::storage
