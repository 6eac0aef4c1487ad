#include "protocols/schema/base/time.hpp"

namespace bv {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;

tl::unexpected<error> bad_timestamp(std::string_view text) {
  return failure(error_kind::invalid, "bad_timestamp",
                 "'" + std::string(text) + "' is not an RFC 3339 time such as 2026-11-21T08:00:00Z");
}

/// Reads exactly `digits` decimal digits at `at`; -1 if something else stands there.
int number_at(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/// Writes `value` with leading zeros; every year that 64 bits of ns reach has four digits.
void put_number(std::string& text, std::size_t at, std::size_t digits, std::uint64_t value) {
  for (auto i = at + digits; i-- > at; value /= 10) text[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string to_rfc3339(timestamp moment) {
  using namespace std::chrono;
  const sys_time<nanoseconds> t{nanoseconds{moment.ns}};
  const auto day = floor<days>(t);
  const year_month_day date{day};
  const hh_mm_ss clock{t - day};
  // Digit by digit: every event that leaves carries times, and formatting would be half of its cost.
  std::string text = "0000-00-00T00:00:00";
  put_number(text, 0, 4, static_cast<std::uint64_t>(static_cast<int>(date.year())));
  put_number(text, 5, 2, static_cast<unsigned>(date.month()));
  put_number(text, 8, 2, static_cast<unsigned>(date.day()));
  put_number(text, 11, 2, static_cast<std::uint64_t>(clock.hours().count()));
  put_number(text, 14, 2, static_cast<std::uint64_t>(clock.minutes().count()));
  put_number(text, 17, 2, static_cast<std::uint64_t>(clock.seconds().count()));
  if (const auto ns = clock.subseconds().count(); ns != 0) {
    text += ".000000000";
    put_number(text, 20, 9, static_cast<std::uint64_t>(ns));
    text.erase(text.find_last_not_of('0') + 1);
  }
  text += 'Z';
  return text;
}

result<timestamp> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  // Fixed positions: YYYY-MM-DDTHH:MM:SS, then an optional fraction, then Z or +HH:MM.
  const int y = number_at(text, 0, 4), mo = number_at(text, 5, 2), d = number_at(text, 8, 2);
  const int h = number_at(text, 11, 2), mi = number_at(text, 14, 2), s = number_at(text, 17, 2);
  if (y < 0 || mo < 0 || d < 0 || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 59 || text[4] != '-' ||
      text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':')
    return bad_timestamp(text);
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  // Nanoseconds in 64 bits reach from 1677 to 2262.
  if (!date.ok() || y < 1678 || y > 2261) return bad_timestamp(text);

  std::size_t at = 19;
  std::int64_t fraction_ns = 0;
  if (at < text.size() && text[at] == '.') {
    std::int64_t scale = ns_per_second / 10;
    const auto first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
      fraction_ns += (text[at] - '0') * scale;
    if (at == first) return bad_timestamp(text);
  }
  std::int64_t offset_s = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    const int oh = number_at(text, at + 1, 2), om = number_at(text, at + 4, 2);
    if (oh < 0 || oh > 23 || om < 0 || om > 59 || text[at + 3] != ':' || text.size() != at + 6)
      return bad_timestamp(text);
    offset_s = (text[at] == '-' ? -1 : 1) * (oh * 3600 + om * 60);
  } else if (text.size() != at + 1 || (text[at] != 'Z' && text[at] != 'z')) {
    return bad_timestamp(text);
  }
  const auto since_epoch = sys_days{date}.time_since_epoch() + hours{h} + minutes{mi} + seconds{s};
  const std::int64_t total_s = duration_cast<seconds>(since_epoch).count() - offset_s;
  return timestamp{total_s * ns_per_second + fraction_ns};
}

}  // namespace bv
