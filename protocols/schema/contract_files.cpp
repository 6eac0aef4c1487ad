#include "protocols/schema/contract_files.hpp"

#include <capnp/schema-parser.h>
#include <kj/filesystem.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "protocols/schema/bv.capnp.h"
#include "protocols/schema/contract_builder.hpp"
#include "protocols/schema/vocabulary.hpp"

namespace bv::schema {
namespace {

namespace fs = std::filesystem;

/// What Cap'n Proto ships as capnp/c++.capnp; every contract imports it, wherever it is installed.
constexpr const char* cxx_annotations = R"(@0xbdf87d7bb8304e81;
$namespace("capnp::annotations");
annotation namespace(file): Text;
annotation name(field, enumerant, struct, enum, interface, method, param, group, union): Text;
)";

kj::Path path_of(const std::string& text) { return kj::Path::parse(kj::StringPtr(text.c_str())); }

void add_file(const kj::Directory& tree, const std::string& path, const std::string& text) {
  tree.openFile(path_of(path), kj::WriteMode::CREATE | kj::WriteMode::MODIFY | kj::WriteMode::CREATE_PARENT)
      ->writeAll(kj::StringPtr(text.c_str()));
}

const capnp::schema::Annotation::Reader* noted(capnp::List<capnp::schema::Annotation>::Reader all, std::uint64_t id,
                                               capnp::schema::Annotation::Reader& found) {
  for (auto one : all)
    if (one.getId() == id) {
      found = one;
      return &found;
    }
  return nullptr;
}

void add_structs(contract_set& made, const std::string& path, capnp::ParsedSchema file, bool aggregate) {
  for (auto nested : file.getAllNested()) {
    if (!nested.getProto().isStruct()) continue;
    const auto type = nested.asStruct();
    const auto name = std::string(nested.getProto().getDisplayName().cStr()).substr(nested.getProto().getDisplayNamePrefixLength());
    capnp::schema::Annotation::Reader note;
    if (const auto* answers = noted(nested.getProto().getAnnotations(), vocabulary::answers, note)) {
      made.queries.emplace(path + ":" + name,
                           build_query_contract(type, file.getNested(answers->getValue().getText()).asStruct()));
    } else if (!aggregate) {
      plain_struct plain;
      plain.type = build_struct_type(plain.pool, type);
      made.structs.emplace(path + ":" + name, std::move(plain));
    }
  }
}

void add_contracts(contract_set& made, const std::string& path, capnp::ParsedSchema file) {
  capnp::schema::Annotation::Reader note;
  const auto* aggregate = noted(file.getProto().getAnnotations(), vocabulary::aggregate, note);
  if (aggregate) {
    const auto about = aggregate->getValue().getStruct().getAs<wire::Aggregate>();
    const aggregate_declaration declared{about.getName().cStr(), about.getDomain().cStr(), about.getSnapshotEvery(),
                                         about.getRetainDays()};
    made.aggregates.emplace(declared.name,
                            build_aggregate_contract(declared, file.getNested("State").asStruct(),
                                                     file.getNested("Command").asStruct(), file.getNested("Event").asStruct()));
  }
  add_structs(made, path, file, aggregate != nullptr);
}

}  // namespace

result<schema_texts> read_schema_texts(const std::string& folder, const std::string& prefix) {
  schema_texts texts;
  std::error_code wrong;
  for (fs::recursive_directory_iterator at(folder, wrong), end; !wrong && at != end; at.increment(wrong)) {
    if (at->is_directory() && at->path().filename() == "golden") at.disable_recursion_pending();
    if (at->path().extension() != ".capnp") continue;
    std::ifstream in(at->path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return failure(error_kind::internal, "schema_unreadable", "can't be read", at->path().string());
    texts.emplace(prefix + "/" + at->path().lexically_relative(folder).generic_string(), text.str());
  }
  if (wrong) return failure(error_kind::internal, "schema_unreadable", wrong.message(), folder);
  return texts;
}

result<contract_set> parse_contracts(const schema_texts& texts) {
  try {
    const auto tree = kj::newInMemoryDirectory(kj::nullClock());
    add_file(*tree, "capnp/c++.capnp", cxx_annotations);
    for (const auto& [path, text] : texts) add_file(*tree, path, text);
    const kj::ReadableDirectory* import_path[] = {tree.get()};
    capnp::SchemaParser parser;
    contract_set made;
    for (const auto& [path, text] : texts)
      if (!path.ends_with("/bv.capnp")) add_contracts(made, path, parser.parseFromDirectory(*tree, path_of(path), import_path));
    return made;
  } catch (const kj::Exception& e) {
    return failure(error_kind::invalid, "schema_invalid", e.getDescription().cStr());
  }
}

}  // namespace bv::schema
