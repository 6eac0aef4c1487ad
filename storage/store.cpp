#include "storage/store.hpp"

namespace bv::storage {

store::store(std::unique_ptr<journal> l, std::unique_ptr<derived_store> d, std::unique_ptr<table_store> t)
    : log(std::move(l)), derived(std::move(d)), tables(std::move(t)) {}

store& store::operator=(store&& other) noexcept {
  // What is derived speaks to the log until it is gone.
  tables = std::move(other.tables);
  derived = std::move(other.derived);
  log = std::move(other.log);
  return *this;
}

store::~store() = default;

result<void> store::close() {
  // The log first: nothing more is committed, so what is derived is complete when it is flushed.
  result<void> outcome;
  if (log) log->close();
  if (derived) outcome = derived->flush();
  tables.reset();
  derived.reset();
  log.reset();
  return outcome;
}

}  // namespace bv::storage
