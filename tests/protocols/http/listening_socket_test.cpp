#include "protocols/http/listening_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "protocols/http_client/client.hpp"
#include "tests/protocols/http/core_fixture.hpp"
#include "tests/protocols/local/deep_folder.hpp"

using namespace bv;
using namespace bv::http;
using namespace bv::http::test;

namespace {

/// Leaves what a process leaves that was killed: a socket that nobody listens on.
void leave_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(socket);
}

}  // namespace

TEST_CASE("listening socket: a Unix socket serves HTTP to its folder's owner only, and goes with its server") {
  const local::deep_folder place;
  for (const auto& folder : {place.root, place.path}) {
    const auto path = folder + "/a.sock";
    echo_handler app;
    auto started = core::start({"unix:" + path, 1, {}}, app);
    REQUIRE(started);
    struct stat about {}, around {};
    REQUIRE(::stat(path.c_str(), &about) == 0);
    REQUIRE(::stat(folder.c_str(), &around) == 0);
    CHECK(S_ISSOCK(about.st_mode));
    CHECK((about.st_mode & 0777) == 0600);
    CHECK(about.st_uid == around.st_uid);
    const auto came = http_client::get({{}, {}, path}, "/x");
    REQUIRE(came);
    CHECK(came->body == "GET /x ");
    (*started)->stop();
    CHECK_FALSE(std::filesystem::exists(path));
  }
}

TEST_CASE("listening socket: one that a dead process left is replaced, one of a living is not") {
  const local::deep_folder place;
  const auto path = place.root + "/a.sock";
  leave_socket(path);
  const auto first = listening_socket::open("unix:" + path);
  REQUIRE(first);
  const auto second = listening_socket::open("unix:" + path);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == "listen_failed");
  CHECK(second.error().context == "unix:" + path);
  CHECK(std::filesystem::exists(path));
}

TEST_CASE("listening socket: what is no socket stays where it is") {
  const local::deep_folder place;
  const auto path = place.root + "/a.sock";
  std::ofstream(path) << "precious";
  CHECK(listening_socket::open("unix:" + path).error().code == "listen_failed");
  CHECK(std::filesystem::file_size(path) == 8);
  CHECK(listening_socket::open("unix:/nowhere/a.sock").error().code == "listen_failed");
}
