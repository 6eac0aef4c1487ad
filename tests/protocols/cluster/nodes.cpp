#include "tests/protocols/cluster/nodes.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>

namespace bv::cluster {
namespace {

constexpr std::chrono::seconds long_while{20};
constexpr milliseconds looked_at_every{10};

}  // namespace

timestamp wall_clock() {
  return {std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count()};
}

runtime::node_id node(std::uint64_t id) { return runtime::node_id(id); }

temp_folder::temp_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "bv-cluster-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) std::abort();
  path_ = pattern;
}
temp_folder::~temp_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

test_authority::test_authority(std::string folder, timestamp now) : folder_(std::move(folder)) {
  const auto made = make_authority({.folder = folder_, .name = "test CA"}, now);
  REQUIRE_MESSAGE(made, describe(made.error()));
}

certificate_files test_authority::node(const std::string& name, const std::string& role, timestamp now, int days) const {
  const certificate_files files{folder_ + "/" + name + ".crt", folder_ + "/" + name + ".key", folder_ + "/ca.crt"};
  std::filesystem::remove(files.certificate);
  std::filesystem::remove(files.key);
  const auto made = issue_certificate({.authority = folder_, .node = name, .hosts = {}, .out = folder_, .days = days, .role = role}, now);
  REQUIRE_MESSAGE(made, describe(made.error()));
  return files;
}

template <class Change>
void hearing::heard(Change change) {
  const std::lock_guard lock(guard_);
  ++calls_;
  change();
  changed_.notify_all();
}

result<void> hearing::admit(const runtime::node_hello& other) {
  heard([] {});
  return admits ? admits(other) : result<void>();
}
void hearing::on_link_up(const runtime::node_hello& to) {
  heard([&] {
    up_[to.node.value] = true;
    ++ups_[to.node.value];
  });
}
void hearing::on_link_down(runtime::node_id to) {
  heard([&] { up_[to.value] = false; });
}
void hearing::on_frame(runtime::node_id from, bytes frame) {
  if (on_each_frame) on_each_frame(from, frame);
  heard([&] { frames_[from.value].push_back(std::move(frame)); });
}
void hearing::on_note(const runtime::note& what) {
  heard([&] { notes_.emplace_back(what.message); --calls_; });
}

bool hearing::wait(const std::function<bool()>& holds) {
  std::unique_lock lock(guard_);
  const auto until = std::chrono::steady_clock::now() + long_while;
  // Looked at again now and then: not all that can hold is heard of.
  while (!changed_.wait_for(lock, looked_at_every, holds))
    if (std::chrono::steady_clock::now() >= until) return false;
  return true;
}
bool hearing::wait_up(std::uint64_t node) {
  return wait([&] { return up_[node]; });
}
bool hearing::wait_down(std::uint64_t node) {
  return wait([&] { return up_.contains(node) && !up_[node]; });
}
bool hearing::wait_frames(std::uint64_t from, std::size_t count) {
  return wait([&] { return frames_[from].size() >= count; });
}
bool hearing::wait_note(const std::string& part) {
  const bool came = wait([&] { return std::ranges::any_of(notes_, [&](const auto& one) { return one.find(part) != one.npos; }); });
  if (!came)
    for (const auto& one : notes_) MESSAGE("noted: " << one);
  return came;
}
std::size_t hearing::notes_with(const std::string& part) {
  const std::lock_guard lock(guard_);
  return static_cast<std::size_t>(std::ranges::count_if(notes_, [&](const auto& one) { return one.find(part) != one.npos; }));
}
std::vector<bytes> hearing::frames(std::uint64_t from) {
  const std::lock_guard lock(guard_);
  return frames_[from];
}
std::size_t hearing::calls() {
  const std::lock_guard lock(guard_);
  return calls_;
}
std::size_t hearing::ups(std::uint64_t node) {
  const std::lock_guard lock(guard_);
  return ups_[node];
}

link_options quick(std::optional<certificate_files> certificates) {
  link_options how;
  how.listen = "127.0.0.1:0";
  how.insecure = !certificates;
  how.certificates = std::move(certificates);
  how.backoff_min = milliseconds(5);
  how.backoff_max = milliseconds(50);
  how.certificates_checked_every = milliseconds(20);
  return how;
}

test_node::test_node(std::string its_name, std::uint64_t its_id, link_options how) : name(std::move(its_name)), id(its_id) {
  auto opened = links::open(how, [this](const runtime::note& what) { heard.on_note(what); });
  REQUIRE_MESSAGE(opened, describe(opened.error()));
  net = std::move(*opened);
  const auto started = net->start({.node = node(id), .cluster = 7, .name = name, .address = address()}, heard);
  REQUIRE_MESSAGE(started, describe(started.error()));
}
test_node::~test_node() { stop(); }

void test_node::connect(const std::vector<const test_node*>& to) const {
  std::vector<std::string> all;
  for (const auto* one : to) all.push_back(one->address());
  net->connect(all);
}
void test_node::stop() {
  if (net) net->stop();
}

}  // namespace bv::cluster
