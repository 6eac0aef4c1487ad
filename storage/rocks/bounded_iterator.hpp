#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <utility>

#include "protocols/schema/base/bytes.hpp"

namespace bv::storage {

/// An iterator together with the bound that it only points to.
class bounded_iterator final : public rocksdb::Iterator {
 public:
  bounded_iterator(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, bytes first, bytes until)
      : first_(std::move(first)), until_(std::move(until)), first_slice_(first_), until_slice_(until_) {
    rocksdb::ReadOptions options;
    options.iterate_lower_bound = &first_slice_;
    options.iterate_upper_bound = &until_slice_;
    options.fill_cache = false;
    inner_.reset(db.NewIterator(options, family));
  }
  bool Valid() const override { return inner_->Valid(); }
  void SeekToFirst() override { inner_->SeekToFirst(); }
  void SeekToLast() override { inner_->SeekToLast(); }
  void Seek(const rocksdb::Slice& to) override { inner_->Seek(to); }
  void SeekForPrev(const rocksdb::Slice& to) override { inner_->SeekForPrev(to); }
  void Next() override { inner_->Next(); }
  void Prev() override { inner_->Prev(); }
  rocksdb::Slice key() const override { return inner_->key(); }
  rocksdb::Slice value() const override { return inner_->value(); }
  rocksdb::Status status() const override { return inner_->status(); }

 private:
  const bytes first_, until_;
  const rocksdb::Slice first_slice_, until_slice_;
  std::unique_ptr<rocksdb::Iterator> inner_;
};

}  // namespace bv::storage
