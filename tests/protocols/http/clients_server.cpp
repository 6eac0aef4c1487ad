// A server over the fake node for other people's clients: prints its port, serves until its input ends.
#define DOCTEST_CONFIG_DISABLE  // the fixture checks its set-up with doctest; here a failure shows in the
                                // client
#include <cstdio>

#include "tests/protocols/http/coupon_fixture.hpp"

int main() {
  bv::http::options how;
  how.bounds.idle_timeout = std::chrono::milliseconds(2000);
  how.bounds.streams_max = 16;
  how.heartbeat = std::chrono::milliseconds(200);
  bv::http::test::coupon_server server(how);
  std::printf("%u\n", static_cast<unsigned>(server.http->port()));
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}
