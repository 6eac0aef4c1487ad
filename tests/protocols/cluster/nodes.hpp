#pragma once

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "protocols/cluster/certificates.hpp"
#include "protocols/cluster/links.hpp"

namespace bv::cluster {

timestamp wall_clock();

/// A folder that goes when the test ends.
class temp_folder {
 public:
  temp_folder();
  ~temp_folder();
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;
  [[nodiscard]] std::string path(const std::string& name = "") const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// A CA and what it issues, in a folder.
class test_authority {
 public:
  explicit test_authority(std::string folder, timestamp now = wall_clock());
  /// Makes `name`.crt and .key, or makes them again.
  certificate_files node(const std::string& name, const std::string& role = "node", timestamp now = wall_clock(), int days = 30) const;
  [[nodiscard]] std::string folder() const { return folder_; }

 private:
  std::string folder_;
};

/// Remembers all that it hears. Threads: any.
class hearing : public runtime::interconnect_listener {
 public:
  result<void> admit(const runtime::node_hello& other) override;
  void on_link_up(const runtime::node_hello& to) override;
  void on_link_down(runtime::node_id to) override;
  void on_frame(runtime::node_id from, bytes frame) override;
  void on_note(const runtime::note& what);

  /// Waits until it holds; false after a long while.
  bool wait(const std::function<bool()>& holds);
  bool wait_up(std::uint64_t node);
  bool wait_down(std::uint64_t node);
  bool wait_frames(std::uint64_t from, std::size_t count);
  bool wait_note(const std::string& part);
  /// How many notes have it.
  std::size_t notes_with(const std::string& part);
  std::vector<bytes> frames(std::uint64_t from);
  std::size_t calls();
  std::size_t ups(std::uint64_t node);

  std::function<result<void>(const runtime::node_hello&)> admits;
  std::function<void(runtime::node_id, bytes_view)> on_each_frame;

 private:
  template <class Change>
  void heard(Change change);

  std::mutex guard_;
  std::condition_variable changed_;
  std::map<std::uint64_t, bool> up_;
  std::map<std::uint64_t, std::size_t> ups_;
  std::map<std::uint64_t, std::vector<bytes>> frames_;
  std::vector<std::string> notes_;
  std::size_t calls_ = 0;
};

/// Timeouts for tests: short, but a loaded machine must not trip over them.
link_options quick(std::optional<certificate_files> certificates = {});

/// A node of a test: links with a listener.
class test_node {
 public:
  test_node(std::string name, std::uint64_t id, link_options how);
  ~test_node();

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(net->port()); }
  void connect(const std::vector<const test_node*>& to) const;
  void stop();

  std::string name;
  std::uint64_t id;
  hearing heard;
  std::unique_ptr<links> net;
};

runtime::node_id node(std::uint64_t id);

}  // namespace bv::cluster
