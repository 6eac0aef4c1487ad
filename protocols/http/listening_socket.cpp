#include "protocols/http/listening_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "protocols/local/socket_path.hpp"

namespace bv::http {
namespace {

using boost::asio::ip::tcp;

constexpr int backlog = 1024;
constexpr std::string_view local_prefix = "unix:";
constexpr mode_t owner_only = S_IRUSR | S_IWUSR;

tl::unexpected<error> listen_failed(const std::string& where, int number) {
  return failure(error_kind::unavailable, "listen_failed",
                 "can't listen on " + where + ": " + std::error_code(number, std::system_category()).message(), where);
}

result<tcp::endpoint> parse_listen(std::string_view text) {
  const auto bad = [&] {
    return failure(
        error_kind::invalid, "bad_listen_address",
        "'" + std::string(text) + "' is not of the form 127.0.0.1:8080, [::1]:8080 or localhost:8080",
        std::string(text));
  };
  const auto colon = text.rfind(':');
  if (colon == text.npos) return bad();
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return bad();
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code why;
  const auto address = boost::asio::ip::make_address(std::string(host), why);
  if (why || address.is_v6() != bracketed) return bad();
  return tcp::endpoint(address, port);
}

sockaddr_un address_of(const local::socket_path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.name().c_str(), path.name().size() + 1);
  return address;
}

/// Removes a socket that nobody listens on any more. What is no socket stays, and bind() says so.
result<void> remove_stale(const std::string& where, const std::string& path, const sockaddr_un& address) {
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0 || !S_ISSOCK(about.st_mode)) return {};
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool answers = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  if (answers) return listen_failed(where, EADDRINUSE);
  if (::unlink(path.c_str()) != 0) return listen_failed(where, errno);
  return {};
}

/// Before it listens nobody can connect, so that no one slips in while the mode is still another.
bool restrict_to_owner(const std::string& path) {
  struct stat folder {};
  const auto parent = std::filesystem::path(path).parent_path().string();
  if (::chmod(path.c_str(), owner_only) != 0 || ::stat(parent.empty() ? "." : parent.c_str(), &folder) != 0) return false;
  // Only root can give a file away; others own it already.
  return ::geteuid() != 0 || ::lchown(path.c_str(), folder.st_uid, folder.st_gid) == 0;
}

}  // namespace

result<listening_socket> listening_socket::open(const std::string& where) {
  if (where.starts_with(local_prefix)) return open_local(where, where.substr(local_prefix.size()));
  return open_tcp(where);
}

result<listening_socket> listening_socket::open_tcp(const std::string& where) {
  BV_ASSIGN(auto endpoint, parse_listen(where));
  listening_socket made(::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  auto size = static_cast<socklen_t>(endpoint.size());
  if (made.socket_ < 0 || ::setsockopt(made.socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(made.socket_, endpoint.data(), size) != 0 || ::listen(made.socket_, backlog) != 0 ||
      ::getsockname(made.socket_, endpoint.data(), &size) != 0)
    return listen_failed(where, errno);
  made.port_ = endpoint.port();
  return made;
}

result<listening_socket> listening_socket::open_local(const std::string& where, const std::string& path) {
  BV_ASSIGN(const auto name, local::socket_path::of(path));
  const auto address = address_of(name);
  BV_TRY(remove_stale(where, path, address));
  listening_socket made(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (made.socket_ < 0 || ::bind(made.socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return listen_failed(where, errno);
  made.path_ = path;
  if (!restrict_to_owner(path) || ::listen(made.socket_, backlog) != 0) return listen_failed(where, errno);
  return made;
}

listening_socket::~listening_socket() {
  if (socket_ < 0) return;
  ::close(socket_);
  if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace bv::http
