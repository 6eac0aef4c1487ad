#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "protocols/schema/commerce/cart.hpp"

/// Sequential models of entities, for the search in linearize.hpp.
namespace bv::sim {

/// Any entity: only its version counts. An operation finds it at one version and leaves it at another; a view at the same.
struct version_model {
  using state = std::uint64_t;
  struct operation {
    std::uint64_t before = 0, after = 0;
  };
  static std::optional<state> step(state now, const operation& what) {
    if (now != what.before) return std::nullopt;
    return what.after;
  }
  static bool only_looks(const operation& what) { return what.before == what.after; }
  static std::uint64_t hash(state of) { return of * 0x9e3779b97f4a7c15u; }
};

/// A cart: what is in it, in what number, whether it is being checked out, and its version. What products cost and
/// whether they are there is for others to say, so a refusal because of that may come at any time.
struct cart_model {
  struct state {
    std::uint64_t version = 0;
    std::string checking_out;
    std::map<std::string, std::uint32_t> lines;  ///< quantity by SKU
    friend bool operator==(const state&, const state&) = default;
  };

  struct accepted {
    std::uint64_t version = 0;
    std::size_t events = 0;
  };
  struct refused {
    std::string code;
  };
  struct unheard {};  ///< it may have happened; if it was refused, nothing did
  struct command {
    commerce::cart::command what;
    std::variant<unheard, accepted, refused> answer;
  };
  struct view {
    state shown;
  };
  /// What was done by somebody whom we do not hear of: a saga, a timer.
  struct record {
    std::uint64_t version = 0;
    std::vector<commerce::cart::event> events;
  };
  using operation = std::variant<command, view, record>;

  static std::optional<state> step(const state& now, const operation& what);
  static bool only_looks(const operation& what);
  static std::uint64_t hash(const state& of);
};

/// What a view of a cart shows.
cart_model::state cart_shown(std::uint64_t version, const commerce::cart::state& shown);

}  // namespace bv::sim
