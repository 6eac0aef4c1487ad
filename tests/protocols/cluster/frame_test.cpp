#include "protocols/cluster/frame.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <utility>
#include <vector>

using namespace bv;
using namespace bv::cluster;

namespace {

using frames = std::vector<std::pair<frame_kind, bytes>>;

struct outcome {
  frames got;
  std::string code;
};

/// Reads the pieces one after the other, up to the first error.
outcome read_all(const std::vector<bytes>& pieces, std::size_t payload_bytes_max) {
  frame_reader reader;
  reader.allow_payloads(payload_bytes_max);
  outcome all;
  for (const auto& piece : pieces) {
    const auto read = reader.read(piece, [&](frame_kind kind, bytes payload) { return all.got.emplace_back(kind, std::move(payload)), true; });
    if (read) continue;
    all.code = read.error().code;
    break;
  }
  return all;
}

std::string stream_of(const frames& all) {
  std::string stream(preamble());
  for (const auto& [kind, payload] : all) append_frame(stream, kind, payload);
  return stream;
}

}  // namespace

TEST_CASE("frame: a stream that is cut at any byte gives the same frames") {
  const frames sent{{frame_kind::hello, "who"}, {frame_kind::begin, ""}, {frame_kind::payload, "some bytes"}, {frame_kind::payload, ""},
                    {frame_kind::ping, ""}, {frame_kind::refusal, "why"}};
  const auto stream = stream_of(sent);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut)
    REQUIRE(read_all({stream.substr(0, cut), stream.substr(cut)}, 100).got == sent);
  std::vector<bytes> single;
  for (const char c : stream) single.emplace_back(1, c);
  CHECK(read_all(single, 100).got == sent);
}

TEST_CASE("frame: whatever is sent arrives, however it is cut") {
  CHECK(rc::check([] {
    const auto payloads = *rc::gen::container<std::vector<std::string>>(rc::gen::string<std::string>());
    frames sent;
    for (const auto& one : payloads) sent.emplace_back(frame_kind::payload, one);
    auto rest = stream_of(sent);
    std::vector<bytes> pieces;
    while (!rest.empty()) {
      const auto size = *rc::gen::inRange<std::size_t>(1, rest.size() + 1);
      pieces.push_back(rest.substr(0, size));
      rest.erase(0, size);
    }
    RC_ASSERT(read_all(pieces, 10'000).got == sent);
  }));
}

TEST_CASE("frame: any bytes are frames or an error; a changed header is always an error") {
  CHECK(rc::check([](const std::string& anything) {
    static_cast<void>(read_all({anything}, 100));
    static_cast<void>(read_all({std::string(preamble()) + anything}, 100));
  }));
  const auto sound = stream_of({{frame_kind::payload, std::string(50, 'x')}});
  for (std::size_t at = 0; at < preamble_bytes + header_bytes; ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = sound;
      changed[at] = static_cast<char>(changed[at] ^ 1 << bit);
      CHECK_FALSE(read_all({changed}, 100).code.empty());
    }
  }
}

TEST_CASE("frame: a size beyond what is allowed now is an error, before the payload comes") {
  const auto header = [](frame_kind kind, std::size_t size) {
    std::string stream(preamble());
    append_header(stream, kind, size);
    return stream;
  };
  CHECK(read_all({header(frame_kind::payload, 100)}, 100).code.empty());
  CHECK(read_all({header(frame_kind::payload, 101)}, 100).code == "frame_too_large");
  CHECK(read_all({header(frame_kind::payload, UINT32_MAX)}, 100).code == "frame_too_large");
  CHECK(read_all({header(frame_kind::payload, 1)}, 0).code == "frame_too_large");
  CHECK(read_all({header(frame_kind::hello, introduction_bytes_max)}, 0).code.empty());
  CHECK(read_all({header(frame_kind::refusal, introduction_bytes_max + 1)}, 1'000'000).code == "frame_too_large");
  CHECK(read_all({header(frame_kind::pong, 1)}, 100).code == "frame_too_large");
}

TEST_CASE("frame: a stranger is known by the first byte that differs") {
  CHECK(read_all({"G"}, 0).code == "protocol_unknown");
  CHECK(read_all({"BVLINX"}, 0).code == "protocol_unknown");
  CHECK(read_all({"\x16"}, 0).code == "tls_unexpected");
  CHECK(read_all({"\x15"}, 0).code == "tls_unexpected");
  CHECK(read_all({"BVLINK\x02"}, 0).code == "protocol_version_unknown");
  CHECK(read_all({"BVL"}, 0).code.empty());
}

TEST_CASE("frame: the reader stops when it is told to") {
  frame_reader reader;
  int seen = 0;
  const auto stream = stream_of({{frame_kind::ping, ""}, {frame_kind::pong, ""}});
  CHECK(reader.read(stream, [&](frame_kind, const bytes&) { return ++seen, false; }));
  CHECK(seen == 1);
}
