// RocksDB's recovery can't tell a torn tail from rot in the middle as we must. Read in its sources,
// version 7.8 (db/log_reader.cc, db/db_impl/db_impl_open.cc):
//
//   kPointInTimeRecovery            stops quietly at any damage: acknowledged writes after it are dropped.
//   kTolerateCorruptedTailRecords   takes a flipped length in the last 32 KiB block for the end of the file
//   and drops
//                                   what follows; fails on a torn tail whose size survived but not its bytes.
//   kAbsoluteConsistency            fails on either.
//
// So we look first. The format (github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format): blocks of 32
// KiB, in each fragments {masked crc32c u32, length u16, type u8, data}; a write is one FULL fragment or
// FIRST, MIDDLE …, LAST, and holds {sequence u64, count u32, operations}. The journal makes the first
// operation a mark (encode_sync_mark) that says what was durable when it was written. If something is
// damaged:
//
//   a whole fragment that begins a write follows, whose mark     -> the damaged bytes had been acknowledged:
//   reaches beyond the last sound write                             refuse to open
//   otherwise                                                    -> nothing behind it was acknowledged: cut
//
// With durability "fsync" each mark covers all writes before it. With "os" several writes may be lost in a
// power cut, and the disk may keep later ones and lose earlier: marks lag, and such a hole is a tail too.
// What remains ambiguous is the very last write: rot in it looks like a torn one. A clean stop leaves an
// empty log behind.
#include "storage/rocks/wal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <optional>
#include <vector>

#include "protocols/schema/base/mutation.hpp"
#include "storage/coding.hpp"
#include "storage/rocks/crc32c.hpp"

namespace bv::storage {
namespace {

constexpr std::size_t block_size = 32768, fragment_head_size = 7;
enum fragment_type : std::uint8_t { full = 1, first = 2, middle = 3, last = 4 };

constexpr std::uint8_t log_data_tag = 3;  // ValueType kTypeLogData in a write batch
constexpr char mark_kind = 'S';
constexpr std::size_t mark_size = 1 + 8;
constexpr std::size_t write_head_size = 8 + 4 + 1 + 1 + mark_size;

struct fragment {
  std::uint8_t type = 0;
  bytes_view data;
  std::size_t end = 0;
};

/// A write as far as it concerns us.
struct write_head {
  std::uint64_t sequence = 0;
  std::uint32_t count = 0;
  std::uint64_t synced = 0;
  std::size_t end = 0;
};

/// RocksDB masks checksums that lie in data which is itself checksummed.
std::uint32_t masked(std::uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

/// The fragment whose header is at `at`, if it is whole and sound.
std::optional<fragment> fragment_at(bytes_view file, std::size_t at) {
  const auto block_end = std::min(file.size(), (at / block_size + 1) * block_size);
  if (at + fragment_head_size > block_end) return {};
  decoder in(file.substr(at, fragment_head_size));
  const auto checksum = in.fixed<std::uint32_t>();
  const auto size = in.fixed<std::uint16_t>();
  const auto type = in.fixed<std::uint8_t>();
  if (type < full || type > last || at + fragment_head_size + size > block_end) return {};
  if (masked(crc32c(file.substr(at + fragment_head_size - 1, 1u + size))) != checksum) return {};
  return fragment{type, file.substr(at + fragment_head_size, size), at + fragment_head_size + size};
}

/// Steps over the filling at the end of a block that is too short for a header.
std::size_t skip_filling(bytes_view file, std::size_t at) {
  const auto left = block_size - at % block_size;
  return left < fragment_head_size ? std::min(at + left, file.size()) : at;
}

/// Reads what a write begins with. Writes that bear no mark are not the journal's: everything counts as
/// synced.
std::optional<write_head> head_of(bytes_view data) {
  decoder in(data);
  write_head head;
  head.sequence = in.fixed<std::uint64_t>();
  head.count = in.fixed<std::uint32_t>();
  if (!in.ok) return {};
  head.synced = head.sequence - (head.sequence != 0);
  if (in.rest.empty() || static_cast<std::uint8_t>(in.rest.front()) != log_data_tag) return head;
  in.fixed<std::uint8_t>();
  const auto mark = in.prefixed();
  if (!in.ok) return {};
  if (mark.size() != mark_size || mark.front() != mark_kind) return head;
  head.synced = decoder(mark.substr(1)).fixed<std::uint64_t>();
  return head;
}

/// The write that begins at `at`, if all its fragments are whole.
std::optional<write_head> write_at(bytes_view file, std::size_t at) {
  bytes start;
  for (bool begun = false;; begun = true) {
    const auto part = fragment_at(file, skip_filling(file, at));
    if (!part || begun != (part->type == middle || part->type == last)) return {};
    if (start.size() < write_head_size) start.append(part->data.substr(0, write_head_size));
    at = part->end;
    if (part->type != full && part->type != last) continue;
    auto head = head_of(start);
    if (head) head->end = at;
    return head;
  }
}

/// What the writes that begin at or after `from` prove to have been synced; damaged ones are stepped over.
std::uint64_t synced_according_to(bytes_view file, std::size_t from) {
  std::uint64_t proven = 0;
  for (auto at = from; at + fragment_head_size < file.size(); ++at) {
    const auto type = static_cast<std::uint8_t>(file[at + fragment_head_size - 1]);
    if (type != full && type != first) continue;
    const auto part = fragment_at(file, at);
    if (!part) continue;
    auto head = head_of(part->data);
    if (!head) head = write_at(file, at);  // the mark is split between two blocks
    if (head) proven = std::max(proven, head->synced);
    at = part->end - 1;
  }
  return proven;
}

tl::unexpected<error> unreadable(const std::string& path) {
  return failure(error_kind::unavailable, "disk_failed",
                 "can't read or cut the journal's write-ahead log: " +
                     std::error_code(errno, std::system_category()).message(),
                 path);
}

result<bytes> read_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return unreadable(path);
  struct stat about {};
  bytes data;
  bool ok = ::fstat(file, &about) == 0;
  if (ok) data.resize(static_cast<std::size_t>(about.st_size));
  for (std::size_t at = 0; ok && at < data.size();) {
    const auto got = ::pread(file, data.data() + at, data.size() - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    ok = got > 0;
    if (ok) at += static_cast<std::size_t>(got);
  }
  ::close(file);
  if (!ok) return unreadable(path);
  return data;
}

/// Cuts the file to `size`, or leaves it as it is if it has that, and makes it durable.
result<void> fix_file(const std::string& path, std::size_t size, disk* seam) {
  if (seam)
    if (const auto code = seam->on_sync(path, size))
      return failure(error_kind::unavailable, "disk_failed",
                     "can't cut the write-ahead log: " + code.message(), path);
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return unreadable(path);
  const bool ok = ::ftruncate(file, static_cast<off_t>(size)) == 0 && ::fsync(file) == 0;
  ::close(file);
  if (!ok) return unreadable(path);
  if (seam) seam->synced(path, size);
  return {};
}

/// The log's files in the order in which they were written.
result<std::vector<std::string>> wal_files(const std::string& folder) {
  std::vector<std::pair<std::uint64_t, std::string>> numbered;
  std::error_code code;
  for (std::filesystem::directory_iterator at(folder, code), end; !code && at != end; at.increment(code))
    if (at->path().extension() == ".log")
      numbered.emplace_back(std::strtoull(at->path().stem().c_str(), nullptr, 10), at->path().string());
  if (code && code != std::errc::no_such_file_or_directory)
    return failure(error_kind::unavailable, "data_dir_unusable", "can't list the folder: " + code.message(),
                   folder);
  std::ranges::sort(numbered);
  std::vector<std::string> paths;
  for (auto& [number, path] : numbered) paths.push_back(std::move(path));
  return paths;
}

/// Where the first write lies that is damaged or beyond `sequence_max`.
struct wal_end {
  std::size_t file = 0;  ///< number in the list of files; its size if there is no such write
  std::size_t at = 0;
  bytes data;                  ///< of that file
  std::uint64_t sequence = 0;  ///< of the last operation before
};

result<wal_end> find_end(const std::vector<std::string>& files, std::uint64_t sequence_max) {
  wal_end end;
  for (; end.file < files.size(); ++end.file) {
    BV_ASSIGN(end.data, read_file(files[end.file]));
    for (end.at = 0; end.at < end.data.size();) {
      const auto start = skip_filling(end.data, end.at);
      if (start == end.data.size()) break;
      const auto write = write_at(end.data, start);
      if (!write || write->sequence > sequence_max) return end;
      end.sequence = write->sequence + write->count - 1;
      end.at = write->end;
    }
  }
  return end;
}

/// Cuts the log at `end` and empties the files after it. Returns how many bytes went.
result<std::size_t> cut(const std::vector<std::string>& files, const wal_end& end, disk* seam) {
  auto size_bytes = end.data.size() - end.at;
  BV_TRY(fix_file(files[end.file], end.at, seam));
  for (auto i = end.file + 1; i < files.size(); ++i) {
    BV_ASSIGN(const auto later, read_file(files[i]));
    if (later.empty()) continue;
    size_bytes += later.size();
    BV_TRY(fix_file(files[i], 0, seam));
  }
  return size_bytes;
}

/// What is found will be taken for durable, so it must be: the last process may have been killed between a
/// write and its fsync, and the bytes may still be in the page cache only.
result<void> fix_all(const std::string& folder, const std::vector<std::string>& files, disk* seam) {
  if (files.empty()) return {};
  for (const auto& path : files) {
    std::error_code code;
    const auto size = std::filesystem::file_size(path, code);
    if (!code && size != 0) BV_TRY(fix_file(path, size, seam));
  }
  const int names = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool ok = names >= 0 && ::fsync(names) == 0;
  if (names >= 0) ::close(names);
  if (!ok) return unreadable(folder);
  return {};
}

}  // namespace

bytes encode_sync_mark(std::uint64_t sequence) {
  bytes mark(1, mark_kind);
  put_fixed(mark, sequence);
  return mark;
}

result<void> mend_wal(const std::string& folder, disk* seam,
                      const std::function<void(const std::string&)>& on_note) {
  BV_ASSIGN(const auto files, wal_files(folder));
  BV_ASSIGN(const auto end, find_end(files, std::numeric_limits<std::uint64_t>::max()));
  if (end.file == files.size() || mutated(mutation::torn_tail_accepted)) return fix_all(folder, files, seam);
  auto proven = synced_according_to(end.data, end.at + 1);
  for (auto i = end.file + 1; i < files.size(); ++i) {
    BV_ASSIGN(const auto later, read_file(files[i]));
    proven = std::max(proven, synced_according_to(later, 0));
  }
  const auto place = files[end.file] + ", byte " + std::to_string(end.at);
  if (proven > end.sequence)
    return failure(
        error_kind::internal, "journal_corrupt",
        "the journal's write-ahead log is damaged, and acknowledged writes follow the damage; restore "
        "the data folder from a backup",
        place);
  BV_ASSIGN(const auto size_bytes, cut(files, end, seam));
  if (on_note)
    on_note("journal: the last write was torn; cut " + std::to_string(size_bytes) +
            " bytes after the last whole one at " + place);
  return fix_all(folder, files, seam);
}

result<void> cut_wal_after(const std::string& folder, std::uint64_t sequence, disk* seam) {
  BV_ASSIGN(const auto files, wal_files(folder));
  BV_ASSIGN(const auto end, find_end(files, sequence));
  if (end.file == files.size()) return {};
  return cut(files, end, seam).map([](std::size_t) {});
}

}  // namespace bv::storage
