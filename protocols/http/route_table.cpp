#include "protocols/http/route_table.hpp"

namespace bv::http {
namespace {

using node = route_table::node;

const node* literal(const node& at, std::string_view segment) {
  for (const auto& [name, child] : at.literals)
    if (name == segment) return child.get();
  return nullptr;
}

const node* descend(const node& at, const std::vector<std::string_view>& segments, std::size_t depth,
                    std::vector<std::string_view>& values) {
  if (depth == segments.size()) return at.empty() ? nullptr : &at;
  if (const auto* next = literal(at, segments[depth]))
    if (const auto* found = descend(*next, segments, depth + 1, values)) return found;
  if (!at.parameter || segments[depth].empty()) return nullptr;
  values.push_back(segments[depth]);
  if (const auto* found = descend(*at.parameter, segments, depth + 1, values)) return found;
  values.pop_back();
  return nullptr;
}

}  // namespace

const endpoint* node::find(method verb) const {
  return by_method[static_cast<std::size_t>(verb == method::head ? method::get : verb)].get();
}

bool node::empty() const {
  for (const auto& one : by_method)
    if (one) return false;
  return true;
}

std::string node::allowed() const {
  std::string list;
  for (const auto verb :
       {method::get, method::head, method::post, method::put, method::patch, method::remove})
    if (find(verb)) list.append(to_string(verb)) += ", ";
  return list += "OPTIONS";
}

result<void> route_table::add(method verb, std::string_view path, std::unique_ptr<endpoint> what) {
  if (!path.starts_with('/') || verb == method::other)
    return failure(error_kind::invalid, "bad_route", "a route has a method and a path that starts with '/'",
                   std::string(path));
  auto* at = &root_;
  for (auto rest = path;;) {
    rest.remove_prefix(1);
    const auto segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    if (segment.starts_with('{')) {
      if (!at->parameter) at->parameter = std::make_unique<node>();
      at = at->parameter.get();
    } else {
      auto* next = const_cast<node*>(literal(*at, segment));
      if (!next) next = at->literals.emplace_back(segment, std::make_unique<node>()).second.get();
      at = next;
    }
    if (rest.empty()) break;
  }
  auto& place = at->by_method[static_cast<std::size_t>(verb)];
  if (place)
    return failure(error_kind::conflict, "route_taken",
                   "two contracts claim " + std::string(to_string(verb)) + " " + std::string(path),
                   std::string(path));
  place = std::move(what);
  return {};
}

const node* route_table::find(const std::vector<std::string_view>& segments,
                              std::vector<std::string_view>& values) const {
  values.clear();
  return descend(root_, segments, 0, values);
}

}  // namespace bv::http
