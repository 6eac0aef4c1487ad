#include "storage/batch.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "tests/storage/batches.hpp"

namespace bv::storage {
namespace {

struct owned_event {
  std::uint16_t ordinal;
  bytes payload;
};

struct owned_record {
  bytes entity, reply, principal, trace, correlation;
  record_view fields;
  std::vector<owned_event> events;
};

owned_record any_record() {
  owned_record made;
  made.entity = *rc::gen::arbitrary<std::string>();
  made.reply = *rc::gen::arbitrary<std::string>();
  made.principal = *rc::gen::arbitrary<std::string>();
  made.trace = *rc::gen::arbitrary<std::string>();
  made.correlation = *rc::gen::arbitrary<std::string>();
  made.fields.version = *rc::gen::arbitrary<std::uint64_t>();
  made.fields.previous = log_index{*rc::gen::arbitrary<std::uint64_t>()};
  made.fields.at.ns = *rc::gen::arbitrary<std::int64_t>();
  made.fields.wake_before.ns = *rc::gen::arbitrary<std::int64_t>();
  made.fields.wake_after.ns = *rc::gen::arbitrary<std::int64_t>();
  made.fields.command_id = {*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>()};
  made.fields.body_hash = *rc::gen::arbitrary<std::uint64_t>();
  const auto count = *rc::gen::inRange(0, 5);
  for (int i = 0; i < count; ++i)
    made.events.push_back({*rc::gen::arbitrary<std::uint16_t>(), *rc::gen::arbitrary<std::string>()});
  return made;
}

void add(batch_builder& builder, const owned_record& record) {
  auto view = record.fields;
  view.entity = record.entity;
  view.reply = record.reply;
  view.principal = record.principal;
  view.trace = record.trace;
  view.correlation = record.correlation;
  std::vector<event_view> events;
  for (const auto& [ordinal, payload] : record.events) events.push_back({ordinal, payload});
  builder.add(view, events);
}

bool same(const owned_record& wrote, const record_view& read, const std::vector<event_view>& events) {
  if (events.size() != wrote.events.size() || read.event_count != events.size()) return false;
  for (std::size_t i = 0; i < events.size(); ++i)
    if (events[i].ordinal != wrote.events[i].ordinal || events[i].payload != wrote.events[i].payload)
      return false;
  const auto& f = wrote.fields;
  return read.entity == wrote.entity && read.reply == wrote.reply && read.principal == wrote.principal &&
         read.trace == wrote.trace && read.correlation == wrote.correlation && read.version == f.version &&
         read.previous == f.previous && read.at == f.at && read.wake_before == f.wake_before &&
         read.wake_after == f.wake_after && read.command_id == f.command_id && read.body_hash == f.body_hash;
}

/// Reads a batch to its end; the first error, if there is one.
result<void> read_all(bytes_view data) {
  auto reader = batch_reader::open(data);
  if (!reader) return failure(reader.error());
  record_view record;
  std::vector<event_view> events;
  for (;;) {
    BV_ASSIGN(const bool more, reader->next(record, events));
    if (!more) return {};
  }
}

bytes sample() {
  return make_batch(log_index{9}, event_offset{100},
                    {{"default/cart/a", 3, log_index{4}, {"one", "two"}, timestamp{5}, timestamp{6}},
                     {"default/cart/b", 1, {}, {}, {}, {}},
                     {"default/cart/a", 4, log_index{9}, {"three"}, timestamp{6}, {}}});
}

}  // namespace

TEST_CASE("batch: what is read is what was written") {
  CHECK(rc::check([] {
    std::vector<owned_record> records(*rc::gen::inRange<std::size_t>(0, 4));
    batch_builder builder(log_index{*rc::gen::arbitrary<std::uint64_t>()}, event_offset{41});
    std::size_t events = 0;
    for (auto& record : records) {
      record = any_record();
      add(builder, record);
      events += record.events.size();
    }
    const auto index = builder.index();
    RC_ASSERT(builder.next_offset().value == 41 + events);
    const auto size = builder.size_bytes();
    const auto data = std::move(builder).finish(term_number{3}, timestamp{-5});
    RC_ASSERT(data.size() == size);

    auto reader = batch_reader::open(data);
    RC_ASSERT(reader.has_value());
    RC_ASSERT(reader->index() == index);
    RC_ASSERT(reader->term() == term_number{3});
    RC_ASSERT(reader->first_offset() == event_offset{41});
    RC_ASSERT(reader->written_at() == timestamp{-5});
    RC_ASSERT(reader->record_count() == records.size());
    RC_ASSERT(reader->event_count() == events);
    record_view record;
    std::vector<event_view> views;
    for (const auto& wrote : records) {
      RC_ASSERT(reader->next(record, views).value());
      RC_ASSERT(same(wrote, record, views));
    }
    RC_ASSERT(!reader->next(record, views).value());
    RC_ASSERT(verify_batch(data).has_value());
  }));
}

TEST_CASE("batch: a flip of any bit is found") {
  const auto whole = sample();
  REQUIRE(read_all(whole));
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      auto damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      CHECK_FALSE(read_all(damaged));
      CHECK_FALSE(verify_batch(damaged));
    }
}

TEST_CASE("batch: a cut at any byte is found, and so are bytes too many") {
  const auto whole = sample();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(read_all(whole.substr(0, size)));
    CHECK_FALSE(verify_batch(whole.substr(0, size)));
  }
  CHECK_FALSE(read_all(whole + "x"));
  CHECK_FALSE(verify_batch(whole + "x"));
}

TEST_CASE("batch: damage is named with its byte") {
  auto data = sample();
  data.back() = static_cast<char>(data.back() ^ 1);
  const auto outcome = read_all(data);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == "journal_corrupt");
  CHECK(outcome.error().message.find("at byte ") != std::string::npos);
}

TEST_CASE("batch: a format of the future is refused as such") {
  auto data = sample();
  data[4] = 3;
  const auto reader = batch_reader::open(data);
  REQUIRE_FALSE(reader);
  CHECK(reader.error().code == "journal_format_unknown");
}

TEST_CASE("batch: a control batch takes a place in the log and has no records") {
  const auto data = seal_control_batch(log_index{7}, event_offset{50}, term_number{4}, {2, "who votes"});
  CHECK(seal_control_batch(log_index{7}, event_offset{50}, term_number{4}, {2, "who votes"}) == data);
  CHECK(verify_batch(data));
  auto reader = batch_reader::open(data);
  REQUIRE(reader);
  CHECK(reader->is_control());
  CHECK(reader->index() == log_index{7});
  CHECK(reader->term() == term_number{4});
  CHECK(reader->next_offset() == event_offset{50});
  CHECK(reader->record_count() == 0);
  const auto content = reader->control();
  REQUIRE(content);
  CHECK(content->kind == 2);
  CHECK(content->body == "who votes");
  record_view record;
  std::vector<event_view> events;
  CHECK_FALSE(reader->next(record, events).value());
  for (std::size_t at = 0; at < data.size(); ++at) {
    auto damaged = data;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    CHECK_FALSE(verify_batch(damaged));
    CHECK_FALSE(read_all(damaged));
    CHECK_FALSE(verify_batch(data.substr(0, at)));
  }
}

TEST_CASE("batch: a batch of records is no control batch") {
  const auto data = sample();
  const auto reader = batch_reader::open(data);
  REQUIRE(reader);
  CHECK_FALSE(reader->is_control());
  CHECK(reader->control().error().code == "journal_corrupt");
}

TEST_CASE("batch: the bytes of a batch of records are those of the first release") {
  const auto data = make_batch(log_index{9}, event_offset{100}, {{"default/cart/a", 3, log_index{4}, {"one"}, {}, {}}});
  CHECK(hash64(data) == 0x6c9330f8e13964d3);
}

TEST_CASE("batch: arbitrary bytes are never taken for a batch") {
  CHECK(rc::check([](const std::string& noise) { RC_ASSERT(!batch_reader::open(noise)); }));
}

}  // namespace bv::storage
