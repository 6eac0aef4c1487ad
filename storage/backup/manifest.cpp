#include "storage/backup/manifest.hpp"

#include <charconv>
#include <filesystem>

#include "protocols/schema/json.hpp"
#include "protocols/schema/json_tape.hpp"
#include "storage/backup/files.hpp"

namespace bv::storage {
namespace {

constexpr std::uint64_t manifest_format = 1;
constexpr std::uint64_t manifest_size_max = std::uint64_t{64} << 20;
constexpr std::string_view checksum_key = ",\n \"checksum\":\"";

using schema::json_node;

void put(std::string& out, std::string_view key, std::string_view value) {
  ((out += '"') += key) += "\":";
  schema::append_json_string(out, value);
}

void put(std::string& out, std::string_view key, std::uint64_t value) {
  (((out += '"') += key) += "\":") += std::to_string(value);
}

void put_shard(std::string& out, std::size_t number, const shard_extent& of) {
  put(out += number == 0 ? "\n  {" : ",\n  {", "shard", number);
  put(out += ',', "first", of.first.value);
  put(out += ',', "last", of.last.value);
  put(out += ',', "first_offset", of.first_offset.value);
  put(out += ',', "last_offset", of.last_offset.value);
  put(out += ',', "last_term", of.last_term.value);
  put(out += ',', "xxh3_128", to_hex(of.digest));
  out += '}';
}

/// What closes a manifest that begins with `body`.
std::string end_of(std::string_view body) {
  return std::string(checksum_key) + to_hex(hash128(body)) + "\"}\n";
}

tl::unexpected<error> damaged(std::string what) {
  return failure(error_kind::internal, "backup_damaged", std::move(what), manifest_name);
}

/// `log/` and a plain name: what is read here becomes a path that a restore writes to.
bool is_file_name(std::string_view name) {
  return name.starts_with("log/") && name.size() > 4 && name[4] != '.' && name.find('/', 4) == name.npos;
}

/// Takes members out of a JSON object; what is missing or of another kind turns `ok` off.
struct members {
  const json_node& of;
  bool& ok;

  const json_node* find(std::string_view key, json_node::type kind) const {
    if (of.of == json_node::type::object && of.children > 0) {
      const auto* at = schema::first_child(of);
      for (std::uint32_t i = 0; i < of.children; ++i, at = schema::next_sibling(*at))
        if (at->key == key && at->of == kind) return at;
    }
    ok = false;
    return nullptr;
  }
  std::string text(std::string_view key) const {
    const auto* found = find(key, json_node::type::text);
    return found ? std::string(found->text) : std::string();
  }
  bool truth(std::string_view key) const {
    const auto* found = find(key, json_node::type::boolean);
    return found && found->truth;
  }
  std::uint64_t number(std::string_view key) const {
    // Offsets are numbers of events: they fit into the signed half.
    const auto* found = find(key, json_node::type::integer);
    if (found && found->integer < 0) ok = false;
    return found ? static_cast<std::uint64_t>(found->integer) : 0;
  }
  hash128_value digest(std::string_view key) const {
    const auto hex = text(key);
    hash128_value value;
    if (hex.size() != 32) ok = false;
    if (!ok) return value;
    ok = std::from_chars(hex.data(), hex.data() + 16, value.high, 16).ptr == hex.data() + 16 &&
         std::from_chars(hex.data() + 16, hex.data() + 32, value.low, 16).ptr == hex.data() + 32;
    return value;
  }
  template <class Visit>
  void each(std::string_view key, const Visit& visit) const {
    const auto* list = find(key, json_node::type::array);
    if (!list || list->children == 0) return;
    const auto* at = schema::first_child(*list);
    for (std::uint32_t i = 0; i < list->children; ++i, at = schema::next_sibling(*at)) visit(members{*at, ok});
  }
};

}  // namespace

std::string to_json(const backup_manifest& of) {
  std::string out = "{";
  put(out, "format", manifest_format);
  put(out += ",\n ", "store", of.store);
  put(out += ",\n ", "created_at", to_rfc3339(of.created_at));
  put(out += ",\n ", "program", of.program);
  out += of.replicated ? ",\n \"replicated\":true" : ",\n \"replicated\":false";
  out += ",\n \"shards\":[";
  for (std::size_t i = 0; i < of.shards.size(); ++i) put_shard(out, i, of.shards[i]);
  out += "],\n \"files\":[";
  for (const auto& file : of.files) {
    put(out += &file == &of.files.front() ? "\n  {" : ",\n  {", "name", file.name);
    put(out += ',', "size", file.size);
    put(out += ',', "xxh3_128", to_hex(file.digest));
    out += '}';
  }
  out += ']';
  out += end_of(out);
  return out;
}

result<backup_manifest> parse_manifest(std::string_view text) {
  const auto body = text.substr(0, text.rfind(checksum_key));
  if (body.size() == text.size() || text.substr(body.size()) != end_of(body))
    return damaged("the manifest's checksum does not match its text");
  const auto tape = schema::json_tape::parse(text);
  if (!tape) return damaged("the manifest is no JSON: " + tape.error().message);
  bool ok = true;
  const members root{tape->root(), ok};
  if (const auto format = root.number("format"); ok && format != manifest_format)
    return failure(error_kind::invalid, "backup_format_unknown",
                   "the backup has format " + std::to_string(format) + ", this program reads format " +
                       std::to_string(manifest_format),
                   manifest_name);
  backup_manifest read;
  read.store = root.text("store");
  read.program = root.text("program");
  read.replicated = root.truth("replicated");
  const auto created = parse_rfc3339(root.text("created_at"));
  if (created) read.created_at = *created;
  root.each("shards", [&](const members& one) {
    if (one.number("shard") != read.shards.size()) ok = false;
    read.shards.push_back({log_index{one.number("first")}, log_index{one.number("last")},
                           event_offset{one.number("first_offset")}, event_offset{one.number("last_offset")},
                           term_number{one.number("last_term")}, one.digest("xxh3_128")});
  });
  root.each("files", [&](const members& one) {
    read.files.push_back({one.text("name"), one.number("size"), one.digest("xxh3_128")});
    if (!is_file_name(read.files.back().name)) ok = false;
  });
  if (!ok || !created || read.shards.empty() || read.shards.size() > 0xffff)
    return damaged("the manifest lacks a member that this format has");
  return read;
}

result<backup_manifest> read_manifest(const std::string& folder) {
  const auto path = folder + "/" + manifest_name;
  std::error_code code;
  if (!std::filesystem::exists(path, code))
    return failure(error_kind::not_found, "not_a_backup",
                   "the folder holds no manifest.json: it is no backup, or the backup into it did not finish", folder);
  BV_ASSIGN(const auto text, read_small_file(path, manifest_size_max));
  return parse_manifest(text);
}

std::uint64_t size_of(const backup_manifest& of) {
  std::uint64_t sum = 0;
  for (const auto& file : of.files) sum += file.size;
  return sum;
}

}  // namespace bv::storage
