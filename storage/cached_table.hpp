#pragma once

#include <memory>

#include "storage/table.hpp"

namespace bv::storage {

/// A table whose rows, once read by key, are answered from memory until they are written: decisions look the same few
/// rows up over and over (the stock of what sells). Holds about `size_bytes_max`. Threads: as a table.
std::unique_ptr<table> make_cached_table(std::shared_ptr<table> behind, std::size_t size_bytes_max);

}  // namespace bv::storage
