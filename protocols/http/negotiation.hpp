#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bv::http {

// What client and server agree on by header fields (RFC 9110 sections 8.8, 12 and 13, RFC 7240).

/// Whether an Accept field allows the media type. No field allows everything.
bool accepts(std::string_view accept, std::string_view media_type);
/// Whether an Accept-Encoding field names gzip (or everything) with a weight above 0.
bool accepts_gzip(std::string_view accept_encoding);
/// application/json, with or without parameters.
bool is_json(std::string_view content_type);
/// Whether a Prefer field holds `return=representation`.
bool prefers_representation(std::string_view prefer);

/// `"7"`: the tag of version 7.
std::string version_tag(std::uint64_t version);
/// The tag of the gzip form of what `tag` names: another sequence of bytes needs another tag.
std::string gzip_tag(std::string_view tag);
/// Whether an If-None-Match field names the tag, in either form; `*` names every one.
bool names_tag(std::string_view if_none_match, std::string_view tag);

/// If-Match: the versions that the client would accept.
struct version_condition {
  bool any = false;                     ///< `*`: whichever, if there is one
  std::vector<std::uint64_t> versions;  ///< weak tags and tags that are no version of ours match nothing
};
std::optional<version_condition> parse_if_match(std::optional<std::string_view> if_match);

}  // namespace bv::http
