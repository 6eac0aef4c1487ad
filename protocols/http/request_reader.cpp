// Request parsing on Beast's tokenizer (RFC 9112).
//
// The header is looked for first and handed to Beast only when it is whole: a client that drips it byte by
// byte costs one scan of each byte, and the limits of its size are ours. A body with Content-Length is never
// parsed, it is a view into the buffer; a chunked one is collected.
//
// Where two readers of the same bytes could disagree about where a request ends (request smuggling), nothing
// is guessed: Content-Length together with Transfer-Encoding, a list of lengths, an encoding other than just
// "chunked", folded fields, a bare CR or LF, a missing or second Host are refused, and the connection is
// closed.
#include "protocols/http/request_reader.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>
#include <optional>
#include <string>

namespace bv::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;

constexpr std::size_t first_capacity = 4 * 1024;
constexpr std::size_t chunk_overhead_max = 8 * 1024;  // a chunk's head or the trailer, not yet complete

std::string_view view_of(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

refusal bad_request(std::string message) {
  return {400, {error_kind::invalid, "malformed_request", std::move(message), {}}};
}

refusal header_too_large(std::size_t bound) {
  return {431,
          {error_kind::too_large,
           "header_too_large",
           "request line and header fields may take " + std::to_string(bound) + " bytes together",
           {}}};
}

refusal target_too_long(std::size_t bound) {
  return {414,
          {error_kind::too_large,
           "target_too_long",
           "a request target may take " + std::to_string(bound) + " bytes",
           {}}};
}

refusal body_too_large(std::size_t bound) {
  return {413,
          {error_kind::too_large,
           "body_too_large",
           "a request body may take " + std::to_string(bound) + " bytes",
           {}}};
}

/// Folded fields, and line ends that are not CR LF.
bool has_stray_line_ends(std::string_view header) {
  for (auto at = header.find_first_of("\r\n"); at != header.npos; at = header.find_first_of("\r\n", at + 2)) {
    if (header[at] != '\r' || at + 1 >= header.size() || header[at + 1] != '\n') return true;
    if (at + 2 < header.size() && (header[at + 2] == ' ' || header[at + 2] == '\t')) return true;
  }
  return false;
}

}  // namespace

struct request_reader::parts {
  /// Collects what Beast finds. Views are into the bytes given to put().
  struct parser final : beast_http::basic_parser<true> {
    std::string_view method_name, target;
    int version = 11;
    std::vector<header_field>* fields = nullptr;
    std::string* body = nullptr;  // of a chunked request

    void on_request_impl(beast_http::verb, boost::beast::string_view name, boost::beast::string_view where,
                         int number, error_code&) override {
      method_name = view_of(name);
      target = view_of(where);
      version = number;
    }
    void on_field_impl(beast_http::field, boost::beast::string_view name, boost::beast::string_view value,
                       error_code&) override {
      if (fields) fields->push_back({view_of(name), view_of(value)});  // trailers find no list and are dropped
    }
    std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view piece, error_code&) override {
      body->append(piece.data(), piece.size());
      return piece.size();
    }
    std::size_t on_body_impl(boost::beast::string_view piece, error_code&) override { return piece.size(); }
    void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
    void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code&) override {}
    void on_finish_impl(error_code&) override {}
  };

  explicit parts(const limits& b) : bounds(b), capacity(first_capacity), data(new char[first_capacity]) {}

  enum class stage { header, sized_body, chunked_body, whole };

  const limits& bounds;
  std::size_t capacity;
  std::unique_ptr<char[]> data;
  std::size_t begin = 0, end = 0;  // the bytes that are there
  std::size_t scanned = 0;         // of them, looked through for the header's end

  stage at = stage::header;
  std::optional<parser> tokens;
  std::size_t header_size = 0;
  std::size_t body_size = 0;
  std::string chunked;
  bool alive = true, continue_wanted = false;
  request found;
  refusal reason;

  std::string_view bytes() const { return {data.get() + begin, end - begin}; }

  step refuse(refusal why) {
    reason = std::move(why);
    return step::refused;
  }

  step read_header();
  step read_sized_body();
  step read_chunked_body();
  std::optional<refusal> check_header();
  void grow(std::size_t wanted);
};

/// Makes room for `wanted` bytes from the request's start; the header's views move along.
void request_reader::parts::grow(std::size_t wanted) {
  const auto used = end - begin;
  const char* const old_base = data.get() + begin;
  std::unique_ptr<char[]> larger;
  if (wanted > capacity) {
    capacity = std::max(wanted, capacity * 2);
    larger.reset(new char[capacity]);
  }
  char* const new_base = larger ? larger.get() : data.get();
  if (at != stage::header) {
    const auto move = [&](std::string_view& text) {
      text = {new_base + (text.data() - old_base), text.size()};
    };
    for (auto& field : found.headers.all) {
      move(field.name);
      move(field.value);
    }
    move(tokens->method_name);
    move(tokens->target);
  }
  std::memmove(new_base, old_base, used);
  if (larger) data = std::move(larger);
  begin = 0;
  end = used;
}

request_reader::step request_reader::parts::read_header() {
  // An empty line or two before a request line is let pass (RFC 9112 section 2.2).
  while (scanned == 0 && bytes().starts_with("\r\n")) begin += 2;
  const auto text = bytes();
  if (text.size() < 4) return step::need_more;
  const auto close = text.find("\r\n\r\n", scanned);
  header_size = close + 4;
  if (close == text.npos || header_size > bounds.header_size_bytes_max) {
    scanned = text.size() - 3;
    if (text.size() < bounds.header_size_bytes_max) return step::need_more;
    return refuse(text.substr(0, bounds.header_size_bytes_max).find("\r\n") == text.npos
                      ? target_too_long(bounds.target_size_bytes_max)
                      : header_too_large(bounds.header_size_bytes_max));
  }
  const auto header = text.substr(0, header_size);
  if (has_stray_line_ends(header))
    return refuse(bad_request("a header line is folded or does not end with CR LF"));
  tokens.emplace();
  tokens->body_limit(boost::none);
  tokens->header_limit(static_cast<std::uint32_t>(header_size + 1));
  found.headers.all.clear();
  tokens->fields = &found.headers.all;
  error_code why;
  tokens->put(boost::asio::const_buffer(header.data(), header.size()), why);
  if (why == beast_http::error::bad_version)
    return refuse(
        {505, {error_kind::invalid, "bad_version", "this server speaks HTTP/1.1 and HTTP/1.0", {}}});
  if (why) return refuse(bad_request("the request's header is malformed: " + why.message()));
  if (auto wrong = check_header()) return refuse(std::move(*wrong));
  tokens->fields = nullptr;
  alive = tokens->keep_alive();
  if (tokens->chunked()) {
    at = stage::chunked_body;
    chunked.clear();
    tokens->body = &chunked;
    tokens->body_limit(bounds.body_size_bytes_max);
    tokens->eager(true);
  } else {
    at = stage::sized_body;
  }
  return step::need_more;
}

/// Everything that Beast lets pass and we don't.
std::optional<refusal> request_reader::parts::check_header() {
  if (tokens->target.size() > bounds.target_size_bytes_max)
    return target_too_long(bounds.target_size_bytes_max);
  std::size_t hosts = 0, lengths = 0, encodings = 0;
  bool just_chunked = true;
  continue_wanted = false;
  for (const auto& field : found.headers.all) {
    if (same_token(field.name, "Host")) {
      ++hosts;
    } else if (same_token(field.name, "Content-Length")) {
      ++lengths;
      if (field.value.find(',') != field.value.npos) return bad_request("Content-Length must be one number");
    } else if (same_token(field.name, "Transfer-Encoding")) {
      ++encodings;
      just_chunked = same_token(field.value, "chunked");
    } else if (same_token(field.name, "Expect")) {
      if (!same_token(field.value, "100-continue"))
        return refusal{417,
                       {error_kind::invalid, "bad_expectation", "the only expectation is 100-continue", {}}};
      continue_wanted = tokens->version >= 11;
    }
  }
  if (hosts > 1 || (hosts == 0 && tokens->version >= 11))
    return bad_request("a request names exactly one Host");
  if (lengths > 1 || (lengths > 0 && encodings > 0))
    return bad_request("a request has one Content-Length or a Transfer-Encoding, never both");
  if (encodings > 0 && tokens->version < 11) return bad_request("HTTP/1.0 has no Transfer-Encoding");
  if (!just_chunked)
    return refusal{
        501, {error_kind::invalid, "bad_transfer_encoding", "the only transfer encoding is chunked", {}}};
  const auto length = tokens->content_length();
  if (length && *length > bounds.body_size_bytes_max) return body_too_large(bounds.body_size_bytes_max);
  body_size = length ? static_cast<std::size_t>(*length) : 0;
  return std::nullopt;
}

request_reader::step request_reader::parts::read_sized_body() {
  if (bytes().size() < header_size + body_size) return step::need_more;
  found.body = bytes().substr(header_size, body_size);
  at = stage::whole;
  return step::ready;
}

request_reader::step request_reader::parts::read_chunked_body() {
  error_code why;
  const auto rest = bytes().substr(header_size);
  if (rest.empty()) return step::need_more;
  const auto taken = tokens->put(boost::asio::const_buffer(rest.data(), rest.size()), why);
  // What was taken is in `chunked` now; the header stays where its views point.
  std::memmove(data.get() + begin + header_size, rest.data() + taken, rest.size() - taken);
  end -= taken;
  if (why == beast_http::error::body_limit) return refuse(body_too_large(bounds.body_size_bytes_max));
  if (why && why != beast_http::error::need_more) return refuse(bad_request("the chunked body is malformed"));
  if (!tokens->is_done()) {
    if (bytes().size() - header_size > chunk_overhead_max)
      return refuse(bad_request("a chunk's head is too long"));
    return step::need_more;
  }
  found.body = chunked;
  at = stage::whole;
  return step::ready;
}

request_reader::request_reader(const limits& bounds) : parts_(std::make_unique<parts>(bounds)) {}
request_reader::~request_reader() = default;

std::span<char> request_reader::space() {
  auto& p = *parts_;
  if (p.begin == p.end && p.at == parts::stage::header) p.begin = p.end = 0;
  const auto used = p.end - p.begin;
  // Room comes as bytes come, never because a header announces them.
  if (p.end == p.capacity) p.grow(used + std::max<std::size_t>(used, first_capacity) / 2);
  return {p.data.get() + p.end, p.capacity - p.end};
}

void request_reader::commit(std::size_t count) {
  parts_->end += count;
}

request_reader::step request_reader::parse() {
  auto& p = *parts_;
  auto outcome = step::ready;
  if (p.at == parts::stage::header) outcome = p.read_header();
  if (outcome == step::refused) return outcome;
  if (p.at == parts::stage::sized_body) outcome = p.read_sized_body();
  if (p.at == parts::stage::chunked_body) outcome = p.read_chunked_body();
  if (outcome == step::need_more && p.continue_wanted && p.at != parts::stage::header) {
    p.continue_wanted = false;
    if (p.bytes().size() == p.header_size) return step::need_body;
  }
  if (outcome != step::ready) return outcome;

  p.found.method_name = p.tokens->method_name;
  p.found.verb = method_from(p.found.method_name);
  if (auto parsed = p.found.where.parse(p.tokens->target); !parsed)
    return p.refuse({400, std::move(parsed).error()});
  return outcome;
}

request& request_reader::current() {
  return parts_->found;
}
bool request_reader::keep_alive() const {
  return parts_->alive;
}
bool request_reader::http_1_0() const {
  return parts_->tokens && parts_->tokens->version < 11;
}
const refusal& request_reader::why() const {
  return parts_->reason;
}

void request_reader::next() {
  auto& p = *parts_;
  p.begin += p.header_size + (p.tokens && p.tokens->chunked() ? 0 : p.body_size);
  p.scanned = p.header_size = p.body_size = 0;
  p.at = parts::stage::header;
  p.tokens.reset();
  if (p.chunked.capacity() > kept_capacity) p.chunked = {};
  if (p.begin == p.end && p.capacity > kept_capacity) {
    p.data.reset(new char[first_capacity]);
    p.capacity = first_capacity;
    p.begin = p.end = 0;
  }
}

bool request_reader::idle() const {
  return parts_->at == parts::stage::header && parts_->begin == parts_->end;
}

std::size_t request_reader::capacity() const {
  return parts_->capacity + parts_->chunked.capacity();
}

}  // namespace bv::http
