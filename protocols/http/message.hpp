#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/target.hpp"

namespace bv::http {

enum class method : std::uint8_t { get, head, post, put, patch, remove, options, other };

/// `DELETE` is `method::remove`; a method that no route can have is `other`.
method method_from(std::string_view name);
std::string_view to_string(method verb);

/// ASCII letters in any case, as field names and tokens are compared.
bool same_token(std::string_view a, std::string_view b);

struct header_field {
  std::string_view name, value;
};

/// Header fields as they came. Names compare in any case.
class header_fields {
 public:
  std::vector<header_field> all;

  /// The first field of that name; nothing if there is none.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::string_view get(std::string_view name) const { return find(name).value_or(""); }
  /// All fields of that name as one comma-separated list.
  [[nodiscard]] std::string joined(std::string_view name) const;
};

/// A whole request. Its views are good only while handler::on_request runs: copy what is needed later.
struct request {
  method verb = method::other;
  std::string_view method_name;
  target where;
  header_fields headers;
  std::string_view body;
  std::string_view peer;  ///< the client's address, without the port

  /// HEAD is GET without the body.
  [[nodiscard]] method routed_verb() const { return verb == method::head ? method::get : verb; }
};

class stream;

/// An answer. The server adds Date, Content-Length or Transfer-Encoding and Connection, and leaves the body
/// out where HEAD, 204 or 304 ask for that.
struct response {
  int status = 200;
  std::string body;
  /// Instead of `body`: bytes that many answers share.
  std::shared_ptr<const std::string> shared_body;
  /// Instead of a body: an answer that goes on until its writer ends it.
  std::shared_ptr<stream> streamed;
  bool close = false;  ///< close the connection after this answer
  std::string etag;    ///< with its quotes, or empty

  /// Appends a field. Bytes that could end the line are dropped, so that no input can add fields of its own.
  response& add(std::string_view name, std::string_view value);
  [[nodiscard]] const std::string& fields() const { return fields_; }
  [[nodiscard]] std::string_view content() const {
    return shared_body ? std::string_view(*shared_body) : body;
  }

 private:
  std::string fields_;
};

/// "Not Found" for 404.
std::string_view reason_phrase(int status);

}  // namespace bv::http
