#include "actors/commerce/words.hpp"

#include <doctest/doctest.h>

using namespace bv::commerce;

TEST_CASE("words: letter case does not matter, in several alphabets") {
  CHECK(fold("Enamel MUG") == "enamel mug");
  CHECK(fold("ÄÖÜ Éß×") == "äöü éß×");
  CHECK(fold("ΑΩ") == "αω");
  CHECK(fold("МОСКВА Ёж") == "москва ёж");
  CHECK(fold("漢字") == "漢字");
}

TEST_CASE("words: what is no UTF-8 passes through") {
  CHECK(fold("\xff\xc3") == "\xff\xc3");
  CHECK(fold("\xc3z") == "\xc3z");
}

TEST_CASE("words: runs of letters and digits, sorted, each once") {
  CHECK(words_of("The mug, the BIG mug-2!") == std::vector<std::string>{"2", "big", "mug", "the"});
  CHECK(words_of(" .,- ").empty());
}

TEST_CASE("words: long words and long texts are cut") {
  CHECK(words_of(std::string(100, 'a')) == std::vector<std::string>{std::string(word_size_bytes_max, 'a')});
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += std::to_string(i) + " ";
  CHECK(words_of(text).size() == words_per_text_max);
}
