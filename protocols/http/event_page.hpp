#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/endpoint.hpp"

namespace bv::http {

/// Which events a reader wants: those of the named aggregate types ("cart") and event types
/// ("ecommerce.cart.item_added.v1"). Empty: all.
class event_filter {
 public:
  /// `types`: names separated by commas. Errors: `unknown_event_type`.
  static result<event_filter> parse(std::string_view types, const contract_book& contracts);
  [[nodiscard]] bool wants(std::string_view aggregate, std::string_view event_type) const;
  /// What the log has to be read for; empty for all.
  [[nodiscard]] std::span<const runtime::event_interest> interests() const { return interests_; }

 private:
  std::vector<std::string> aggregates_, events_;
  std::vector<runtime::event_interest> interests_;
};

/// A committed event as external channels see it.
struct shown_event {
  storage::event_offset offset;
  std::string_view aggregate;  ///< both views live as long as the contracts
  std::string_view type;
  std::string envelope;  ///< JSON, made when somebody first wants it
};

/// A stretch of one shard's log, readable by many: what each wants of it is turned into JSON once.
class shown_page {
 public:
  /// May touch the disk.
  static result<std::shared_ptr<shown_page>> read(const surroundings& around, storage::shard_id shard,
                                                  storage::event_offset after, std::size_t size_bytes_max,
                                                  std::span<const runtime::event_interest> wanted = {});

  [[nodiscard]] std::size_t size() const { return logged_.size(); }
  [[nodiscard]] storage::event_offset through() const { return through_; }
  [[nodiscard]] bool at_end() const { return at_end_; }
  /// Aggregate, type and offset of an event; types that this version does not know have an empty `type`.
  [[nodiscard]] const shown_event& at(std::size_t index) const { return shown_[index]; }
  /// Its envelope.
  result<std::string_view> envelope(std::size_t index);

 private:
  const surroundings* around_ = nullptr;
  std::vector<runtime::logged_event> logged_;
  std::vector<shown_event> shown_;
  storage::event_offset through_;
  bool at_end_ = false;
};

/// The envelope of one event, as JSON.
result<std::string> envelope_of(const surroundings& around, const runtime::logged_event& event);

}  // namespace bv::http
