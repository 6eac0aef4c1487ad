#pragma once

#include <map>
#include <string>

#include "protocols/schema/base/result.hpp"
#include "protocols/schema/contract.hpp"

namespace bv::schema {

/// The text of .capnp files by their path from the root: protocols/schema/commerce/cart.capnp.
using schema_texts = std::map<std::string, std::string>;

/// A struct that is neither an aggregate's nor a query's: rows, the runtime's own records, shared values.
struct plain_struct {
  type_pool pool;
  const struct_type* type = nullptr;
};

/// All contracts of a tree of .capnp files.
struct contract_set {
  std::map<std::string, aggregate_contract> aggregates;  ///< by name
  std::map<std::string, query_contract> queries;         ///< by file and struct: protocols/…/x.capnp:FindThings
  std::map<std::string, plain_struct> structs;           ///< likewise
};

/// Reads every .capnp file under `folder`, whose path from the root is `prefix`; sub-folders named `golden` are left
/// out. Error `schema_unreadable`.
result<schema_texts> read_schema_texts(const std::string& folder, const std::string& prefix);

/// Error `schema_invalid` with the parser's messages.
result<contract_set> parse_contracts(const schema_texts& texts);

}  // namespace bv::schema
