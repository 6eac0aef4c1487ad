#include "storage/store.hpp"

namespace bv::storage {

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
