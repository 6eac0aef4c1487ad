#pragma once

#include <functional>
#include <memory>
#include <string>

#include "protocols/http/endpoint.hpp"

namespace bv::http {

/// A document that does not change while the server runs. Held plain and packed, shared by all answers.
struct document {
  std::string media_type;
  std::shared_ptr<const std::string> plain, packed;
  std::string etag, packed_etag;
  std::string cache_control = "no-cache";
  std::string content_security_policy;  ///< empty for none
};
document make_document(std::string media_type, std::string plain);
/// Of bytes that are packed already; `gzip` must be sound.
document make_packed_document(std::string media_type, std::string packed);

std::unique_ptr<endpoint> make_static_endpoint(document what);

/// 307 to another path.
std::unique_ptr<endpoint> make_redirect_endpoint(std::string to);

/// Asks a function each time, on a thread that may block.
std::unique_ptr<endpoint> make_asking_endpoint(worker_pool& blocking, std::string media_type,
                                               std::function<result<std::string>()> ask);

/// {"status":"ok"}, at once.
std::unique_ptr<endpoint> make_alive_endpoint();

}  // namespace bv::http
