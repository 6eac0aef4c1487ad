#pragma once

#include <memory>

#include "storage/rocks/derived_db.hpp"
#include "storage/table.hpp"

namespace bv::storage {

/// Tables as key ranges of the derived database. A table's rows bear its number, which is never used again.
std::unique_ptr<table_store> make_rocks_tables(std::shared_ptr<derived_db> db);

}  // namespace bv::storage
