// capnpc-bv: a Cap'n Proto compiler plugin. `capnp compile -o capnpc-bv[:FOLDER] FILE…` runs it in FOLDER with the
// parsed files on standard input; it writes three files for each (see emit.hpp).
#include <capnp/serialize.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "protocols/schema/generator/emit.hpp"
#include "protocols/schema/generator/rules.hpp"

namespace {

void write_file(const std::string& path, const std::string& text) {
  const std::filesystem::path place(path);
  if (place.has_parent_path()) std::filesystem::create_directories(place.parent_path());
  std::ofstream out(place, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) throw std::runtime_error(path + ": can't be written");
}

void generate() {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = std::uint64_t{1} << 30;  // our own schemas: trusted, and large in all
  capnp::StreamFdMessageReader message(0, options);
  const auto request = message.getRoot<capnp::schema::CodeGeneratorRequest>();
  std::vector<capnp::schema::Node::Reader> nodes;
  for (auto node : request.getNodes()) nodes.push_back(node);
  for (auto requested : request.getRequestedFiles()) {
    bv::generator::check_rules(requested, nodes);
    const auto file = bv::generator::read_file(requested, nodes);
    const auto base = file.path.substr(0, file.path.rfind('.'));
    write_file(base + ".hpp", bv::generator::emit_header(file));
    write_file(base + ".wire.hpp", bv::generator::emit_wire_header(file));
    write_file(base + ".cpp", bv::generator::emit_source(file));
  }
}

}  // namespace

int main() {
  try {
    generate();
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "capnpc-bv: %s\n", e.what());
  } catch (const kj::Exception& e) {
    std::fprintf(stderr, "capnpc-bv: %s\n", e.getDescription().cStr());
  }
  return 1;
}
