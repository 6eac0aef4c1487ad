#include "protocols/http/static_endpoint.hpp"

#include "protocols/http/gzip.hpp"
#include "protocols/http/negotiation.hpp"
#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/hash.hpp"

namespace bv::http {
namespace {

constexpr std::size_t document_size_bytes_max = 16 * 1024 * 1024;

class static_endpoint final : public endpoint {
 public:
  explicit static_endpoint(document what) : what_(std::move(what)) {}

  // A browser asks for scripts and styles with ranges of its own; there is one form only.
  std::string_view media_type() const override { return {}; }

  void serve(const call& asked) const override {
    const bool packed = asked.answer.accepts_gzip();
    response answer;
    answer.etag = packed ? what_.packed_etag : what_.etag;
    answer.add("Cache-Control", what_.cache_control);
    if (names_tag(asked.asked.headers.joined("If-None-Match"), what_.etag)) {
      answer.status = 304;
      return asked.answer.send(std::move(answer));
    }
    answer.add("Content-Type", what_.media_type);
    if (packed) answer.add("Content-Encoding", "gzip");
    if (!what_.content_security_policy.empty()) {
      answer.add("Content-Security-Policy", what_.content_security_policy);
      answer.add("Referrer-Policy", "no-referrer");
    }
    answer.shared_body = packed ? what_.packed : what_.plain;
    asked.answer.send(std::move(answer));
  }

 private:
  const document what_;
};

class redirect_endpoint final : public endpoint {
 public:
  explicit redirect_endpoint(std::string to) : to_(std::move(to)) {}
  std::string_view media_type() const override { return {}; }
  void serve(const call& asked) const override {
    response answer;
    answer.status = 307;
    answer.add("Location", to_);
    asked.answer.send(std::move(answer));
  }

 private:
  const std::string to_;
};

class asking_endpoint final : public endpoint {
 public:
  asking_endpoint(worker_pool& blocking, std::string media_type, std::function<result<std::string>()> ask)
      : blocking_(blocking), media_type_(std::move(media_type)), ask_(std::move(ask)) {}

  std::string_view media_type() const override { return {}; }
  void serve(const call& asked) const override {
    answer_from_worker(blocking_, asked.answer, [this]() -> result<response> {
      response answer;
      BV_ASSIGN(answer.body, ask_());
      answer.add("Content-Type", media_type_).add("Cache-Control", "no-store");
      return answer;
    });
  }

 private:
  worker_pool& blocking_;
  const std::string media_type_;
  const std::function<result<std::string>()> ask_;
};

class alive_endpoint final : public endpoint {
 public:
  void serve(const call& asked) const override {
    auto answer = json_response(200, R"({"status":"ok"})");
    answer.add("Cache-Control", "no-store");
    asked.answer.send(std::move(answer));
  }
};

document made_of(std::string media_type, std::string plain, std::string packed) {
  document made;
  made.media_type = std::move(media_type);
  made.etag = '"' + to_hex(hash128(plain)) + '"';
  made.packed_etag = gzip_tag(made.etag);
  made.plain = std::make_shared<const std::string>(std::move(plain));
  made.packed = std::make_shared<const std::string>(std::move(packed));
  return made;
}

}  // namespace

document make_document(std::string media_type, std::string plain) {
  auto packed = gzip(plain);
  return made_of(std::move(media_type), std::move(plain), std::move(packed));
}

document make_packed_document(std::string media_type, std::string packed) {
  auto plain = gunzip(packed, document_size_bytes_max);
  BV_ASSERT(plain.has_value(), "an asset of the build is no gzip");
  return made_of(std::move(media_type), *std::move(plain), std::move(packed));
}

std::unique_ptr<endpoint> make_static_endpoint(document what) {
  return std::make_unique<static_endpoint>(std::move(what));
}
std::unique_ptr<endpoint> make_redirect_endpoint(std::string to) {
  return std::make_unique<redirect_endpoint>(std::move(to));
}
std::unique_ptr<endpoint> make_asking_endpoint(worker_pool& blocking, std::string media_type,
                                               std::function<result<std::string>()> ask) {
  return std::make_unique<asking_endpoint>(blocking, std::move(media_type), std::move(ask));
}
std::unique_ptr<endpoint> make_alive_endpoint() {
  return std::make_unique<alive_endpoint>();
}

}  // namespace bv::http
