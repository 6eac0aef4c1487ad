#include "tools/bench/references.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "tools/bench/closed_loop.hpp"

namespace bv::bench {
namespace {

constexpr std::size_t append_bytes = 512;

tl::unexpected<error> disk_error(const std::string& what) {
  return failure(error_kind::internal, "reference_failed", what);
}

}  // namespace

result<double> raw_rocksdb_records_per_second(const std::string& folder, double seconds) {
  std::filesystem::create_directories(folder);
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  if (const auto status = rocksdb::DB::Open(options, folder, &opened); !status.ok())
    return disk_error(status.ToString());
  const std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const std::string record(record_bytes, 'r');
  std::uint64_t written = 0;
  const auto began = wall_seconds();
  while (wall_seconds() - began < seconds) {
    rocksdb::WriteBatch batch;
    for (std::size_t i = 0; i < batch_records; ++i) batch.Put(fmt::format("{:016x}", written++), record);
    if (const auto status = db->Write(synced, &batch); !status.ok()) return disk_error(status.ToString());
  }
  return static_cast<double>(written) / (wall_seconds() - began);
}

result<double> fdatasync_p50_ms(const std::string& folder, double seconds) {
  std::filesystem::create_directories(folder);
  const auto path = folder + "/append";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return disk_error(path + ": " + std::strerror(errno));
  const std::string data(append_bytes, 'd');
  std::vector<float> took_ms;
  const auto began = wall_seconds();
  while (wall_seconds() - began < seconds || took_ms.empty()) {
    const auto before = wall_seconds();
    if (::write(file, data.data(), data.size()) != static_cast<ssize_t>(data.size()) || ::fdatasync(file) != 0) {
      const std::string why = std::strerror(errno);
      ::close(file);
      return disk_error(path + ": " + why);
    }
    took_ms.push_back(static_cast<float>((wall_seconds() - before) * 1e3));
  }
  ::close(file);
  return quantile(took_ms, 0.5);
}

}  // namespace bv::bench
