#include "protocols/cluster/outbox.hpp"

#include <doctest/doctest.h>

#include "protocols/cluster/link_directory.hpp"

using namespace bv;
using namespace bv::cluster;

namespace {

std::string joined(const write_batch& batch) {
  std::string all;
  for (const auto part : batch.parts()) all += part;
  return all;
}

std::string framed(const std::vector<bytes>& payloads) {
  std::string all;
  for (const auto& one : payloads) append_frame(all, frame_kind::payload, one);
  return all;
}

}  // namespace

TEST_CASE("outbox: small frames go together, a large one from where it lies, in order") {
  outbox box(1 << 20, 100);
  const bytes large(write_batch::copied_bytes_max + 1, 'L');
  const std::vector<bytes> payloads{"one", large, "", "three", large};
  for (const auto& one : payloads) CHECK(box.put(one) != outbox::answer::refused);
  write_batch batch;
  box.take(batch);
  CHECK(batch.payload_frames() == 5);
  CHECK(batch.payload_bytes() == 2 * large.size() + 8);
  CHECK(batch.parts().size() == 4);
  CHECK(joined(batch) == framed(payloads));
}

TEST_CASE("outbox: a batch is full at its aim, and the next one goes on") {
  outbox box(1 << 20, 1000);
  const bytes one(10'000, 'x');
  for (int i = 0; i < 10; ++i) box.put(one);
  write_batch batch;
  box.take(batch);
  CHECK(batch.full());
  CHECK(batch.payload_frames() == 7);
  batch.clear();
  box.take(batch);
  CHECK(batch.payload_frames() == 3);
}

TEST_CASE("outbox: the io thread is woken once, and again after it found nothing") {
  outbox box(100, 100);
  CHECK(box.put("a") == outbox::answer::wake);
  CHECK(box.put("b") == outbox::answer::queued);
  write_batch batch;
  box.take(batch);
  CHECK(box.put("c") == outbox::answer::queued);  // the io thread writes, and will look
  batch.clear();
  box.take(batch);
  CHECK(batch.payload_frames() == 1);
  batch.clear();
  box.take(batch);
  CHECK(batch.empty());
  CHECK(box.put("d") == outbox::answer::wake);
}

TEST_CASE("outbox: beyond a bound it refuses until what was taken is written") {
  outbox by_bytes(10, 100);
  CHECK(by_bytes.put("123456") != outbox::answer::refused);
  CHECK(by_bytes.put("78901") == outbox::answer::refused);
  CHECK(by_bytes.put("7890") != outbox::answer::refused);
  write_batch batch;
  by_bytes.take(batch);
  CHECK(by_bytes.put("x") == outbox::answer::refused);
  by_bytes.written(batch);
  CHECK(by_bytes.put("0123456789") != outbox::answer::refused);

  outbox by_frames(100, 2);
  by_frames.put("");
  by_frames.put("");
  CHECK(by_frames.put("") == outbox::answer::refused);
}

TEST_CASE("outbox: a closed one takes nothing in") {
  outbox box(100, 100);
  box.close();
  CHECK(box.put("a") == outbox::answer::refused);
}

TEST_CASE("directory: frames go to the box of their node; wake is called when it is needed") {
  link_directory directory;
  const auto box = std::make_shared<outbox>(100, 2);
  int woken = 0;
  directory.add(runtime::node_id(5), box, [&] { ++woken; });
  CHECK(directory.has(runtime::node_id(5)));
  CHECK_FALSE(directory.send(runtime::node_id(6), "a"));
  CHECK(directory.send(runtime::node_id(5), "a"));
  CHECK(directory.send(runtime::node_id(5), "b"));
  CHECK_FALSE(directory.send(runtime::node_id(5), "c"));
  CHECK(woken == 1);
  directory.remove(runtime::node_id(5));
  CHECK_FALSE(directory.has(runtime::node_id(5)));
  CHECK_FALSE(directory.send(runtime::node_id(5), "d"));
  CHECK(box->put("e") == outbox::answer::refused);
}

TEST_CASE("directory: a frame beyond the bound of frames is refused, one as large is not") {
  link_directory directory;
  const auto most = runtime::interconnect::frame_bytes_max;
  directory.add(runtime::node_id(5), std::make_shared<outbox>(4 * most, 9), [] {});
  CHECK_FALSE(directory.send(runtime::node_id(5), bytes(most + 1, 'x')));
  CHECK(directory.send(runtime::node_id(5), bytes(most, 'x')));
}
