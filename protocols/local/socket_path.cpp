#include "protocols/local/socket_path.hpp"

#include <fcntl.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace bv::local {
namespace {

constexpr std::size_t name_size_max = sizeof(sockaddr_un::sun_path) - 1;

}  // namespace

result<socket_path> socket_path::of(const std::string& path) {
  if (path.size() <= name_size_max) return socket_path(-1, path);
  const std::filesystem::path whole(path);
  const int folder = ::open(whole.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0)
    return failure(error_kind::not_found, "no_such_folder",
                   "can't open the socket's folder: " + std::error_code(errno, std::system_category()).message(), path);
  socket_path found(folder, "/proc/self/fd/" + std::to_string(folder) + "/" + whole.filename().string());
  if (found.name_.size() > name_size_max)
    return failure(error_kind::invalid, "bad_socket_path", "the socket's name is too long", path);
  return found;
}

socket_path::~socket_path() {
  if (folder_ >= 0) ::close(folder_);
}

}  // namespace bv::local
