#include "protocols/cluster/frame.hpp"

#include <doctest/doctest.h>

using namespace bv;
using namespace bv::cluster;

TEST_CASE("frame: a stream that is cut at any byte gives the same frames") {
  std::string stream(preamble());
  append_frame(stream, frame_kind::hello, "who");
  append_frame(stream, frame_kind::begin, "");
  append_frame(stream, frame_kind::payload, "some bytes");
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    frame_reader reader;
    reader.allow_payloads(100);
    std::vector<std::pair<frame_kind, bytes>> got;
    const auto keep = [&](frame_kind kind, bytes payload) { return got.emplace_back(kind, std::move(payload)), true; };
    REQUIRE(reader.read(bytes_view(stream).substr(0, cut), keep));
    REQUIRE(reader.read(bytes_view(stream).substr(cut), keep));
    REQUIRE(got.size() == 3);
    CHECK(got[0] == std::pair(frame_kind::hello, bytes("who")));
    CHECK(got[1] == std::pair(frame_kind::begin, bytes()));
    CHECK(got[2] == std::pair(frame_kind::payload, bytes("some bytes")));
  }
}
