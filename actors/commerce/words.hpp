#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bv::commerce {

/// Bounds of what is looked at in one text.
inline constexpr std::size_t words_per_text_max = 1'000;
inline constexpr std::size_t word_size_bytes_max = 40;

/// Lower case for search and order: ASCII, Latin-1, Greek and Cyrillic letters; all else as it is. Bytes that
/// are not UTF-8 pass through.
std::string fold(std::string_view text);

/// The distinct folded words of a text, sorted: runs of letters and digits, long ones cut.
std::vector<std::string> words_of(std::string_view text);

}  // namespace bv::commerce
