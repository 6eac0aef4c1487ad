#pragma once

#include <rocksdb/options.h>

/// How the two databases are set up, and why.
namespace bv::storage {

/// The journal's: every write goes through the write-ahead log, which is opened strictly (see wal.cpp).
rocksdb::DBOptions log_database_options(rocksdb::Env* env);
rocksdb::ColumnFamilyOptions batch_family_options();
rocksdb::ColumnFamilyOptions meta_family_options();

/// The derived store's: no write-ahead log, one column family.
rocksdb::Options derived_database_options(rocksdb::Env* env);

}  // namespace bv::storage
