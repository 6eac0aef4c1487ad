#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <system_error>

#include "storage/disk.hpp"

namespace bv::sim {

/// A disk that does as it is told: fails or tears writes, fails syncs, holds them, stops, loses its power.
/// Threads: any.
class fault_disk final : public storage::disk {
 public:
  enum class step { create, write, sync };
  struct event {
    step what;
    std::string path;
    std::uint64_t at;  ///< offset of a write, size at a sync
    std::uint64_t size;
  };
  struct verdict {
    std::error_code code;
    std::size_t kept = 0;
  };
  /// Asked before each step. May block: a slow disk.
  using judge = std::function<verdict(const event&)>;

  void set_judge(judge decides) {
    const std::lock_guard lock(mutex_);
    judge_ = std::move(decides);
  }
  /// From now on nothing reaches the files; what did stays, as when a process is killed.
  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  void start() {
    const std::lock_guard lock(mutex_);
    stopped_ = false;
    synced_.clear();
  }
  /// After stop(): takes from each file what was never synced, but for its first `kept_of(path, size)` bytes.
  void cut_power(const std::function<std::uint64_t(const std::string&, std::uint64_t)>& kept_of) {
    const std::lock_guard lock(mutex_);
    for (const auto& [path, synced] : synced_) {
      std::error_code code;
      const auto size = std::filesystem::file_size(path, code);
      if (code || size <= synced) continue;
      std::filesystem::resize_file(path, synced + std::min(kept_of(path, size - synced), size - synced),
                                   code);
    }
  }

  /// After stop(): flips a bit in one of the files that `chosen` picks, among what is synced of it, at `place_of(size)`.
  void flip_bit(const std::function<bool(const std::string&)>& chosen,
                const std::function<std::uint64_t(std::uint64_t)>& place_of) {
    const std::lock_guard lock(mutex_);
    for (const auto& [path, synced] : synced_) {
      if (synced == 0 || !chosen(path)) continue;
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      const auto at = static_cast<std::streamoff>(place_of(synced));
      file.seekg(at);
      const int was = file.get();
      file.seekp(at);
      file.put(static_cast<char>(was ^ 0x10));
      return;
    }
  }

  std::error_code on_create(const std::string& path) override {
    const auto code = decide({step::create, path, 0, 0}).code;
    if (!code) {
      const std::lock_guard lock(mutex_);
      synced_.try_emplace(path, 0);
    }
    return code;
  }
  std::error_code on_write(const std::string& path, std::uint64_t offset, std::string_view data,
                           std::size_t& kept) override {
    const auto decided = decide({step::write, path, offset, data.size()});
    kept = std::min(decided.kept, data.size());
    return decided.code;
  }
  std::error_code on_sync(const std::string& path, std::uint64_t size) override {
    return decide({step::sync, path, size, 0}).code;
  }
  void synced(const std::string& path, std::uint64_t size) override {
    const std::lock_guard lock(mutex_);
    synced_[path] = size;
  }

 private:
  verdict decide(const event& about) {
    judge decides;
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) return {std::make_error_code(std::errc::io_error)};
      decides = judge_;
    }
    return decides ? decides(about) : verdict{};
  }

  std::mutex mutex_;
  judge judge_;
  bool stopped_ = false;
  std::map<std::string, std::uint64_t> synced_;
};

}  // namespace bv::sim
