#include "actors/commerce/words.hpp"

#include <algorithm>
#include <cstdint>

namespace bv::commerce {
namespace {

/// Lower case of a code point of two UTF-8 bytes (U+0080 … U+07FF), where it is one fixed step away.
std::uint32_t lower(std::uint32_t c) {
  if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3ab) || (c >= 0x410 && c <= 0x42f))
    return c + 0x20;
  if (c >= 0x400 && c <= 0x40f) return c + 0x50;
  return c;
}

/// Letters, digits and everything outside ASCII make words; the rest parts them.
bool in_word(unsigned char c) {
  return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

}  // namespace

std::string fold(std::string_view text) {
  std::string folded(text);
  for (std::size_t i = 0; i < folded.size(); ++i) {
    const auto lead = static_cast<unsigned char>(folded[i]);
    if (lead >= 'A' && lead <= 'Z') folded[i] = static_cast<char>(lead + 0x20);
    if (lead < 0xc2 || lead > 0xdf || i + 1 == folded.size()) continue;
    const auto trail = static_cast<unsigned char>(folded[i + 1]);
    if ((trail & 0xc0) != 0x80) continue;
    const auto c = lower((lead & 0x1fu) << 6 | (trail & 0x3fu));
    folded[i] = static_cast<char>(0xc0 | c >> 6);
    folded[++i] = static_cast<char>(0x80 | (c & 0x3f));
  }
  return folded;
}

std::vector<std::string> words_of(std::string_view text) {
  const auto folded = fold(text);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < folded.size() && words.size() < words_per_text_max;) {
    auto end = i;
    while (end < folded.size() && in_word(static_cast<unsigned char>(folded[end]))) ++end;
    if (end > i) words.push_back(folded.substr(i, std::min(end - i, word_size_bytes_max)));
    i = end + 1;
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

}  // namespace bv::commerce
