#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/runtime/gateway.hpp"
#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::schema {
class query_contract;
}

namespace bv::runtime {

/// A question that a projection answers (a list, a search). The contract describes parameters, answer and
/// route, so that every protocol can offer it. Threads: any; may touch the disk.
class query_handler {
 public:
  virtual ~query_handler() = default;
  virtual const schema::query_contract& contract() const = 0;
  /// `parameters` and the answer are Cap'n Proto messages of the contract's two structs.
  virtual result<bytes> answer(bytes_view parameters, const caller& from, std::string_view tenant) const = 0;
};

}  // namespace bv::runtime
