#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace bv {

/// A list whose elements differ in one Text member, in the order in which they came. Finding, adding and removing
/// take constant time however long it is; a short list carries no index. A value: it copies and
/// compares element by element. An element's key must not be changed in place.
template <class Element, std::string Element::*Key>
class keyed_list {
 public:
  using value_type = Element;
  using iterator = typename std::list<Element>::iterator;
  using const_iterator = typename std::list<Element>::const_iterator;

  keyed_list() = default;
  /// Of elements with one key the first counts.
  keyed_list(std::initializer_list<Element> elements) {
    for (const auto& element : elements) insert(element);
  }
  keyed_list(const keyed_list& other) : elements_(other.elements_) { index_if_long(); }
  keyed_list(keyed_list&& other) noexcept
      : elements_(std::move(other.elements_)), index_(std::move(other.index_)) {
    other.clear();
  }
  keyed_list& operator=(keyed_list other) noexcept {
    elements_.swap(other.elements_);
    index_.swap(other.index_);
    return *this;
  }
  ~keyed_list() = default;

  [[nodiscard]] std::size_t size() const { return elements_.size(); }
  [[nodiscard]] bool empty() const { return elements_.empty(); }
  iterator begin() { return elements_.begin(); }
  iterator end() { return elements_.end(); }
  const_iterator begin() const { return elements_.begin(); }
  const_iterator end() const { return elements_.end(); }
  const Element& front() const { return elements_.front(); }
  const Element& back() const { return elements_.back(); }

  /// Null if there is none; valid until the element is removed.
  [[nodiscard]] Element* find(std::string_view key) {
    const auto found = locate(key);
    return found == elements_.end() ? nullptr : &*found;
  }
  [[nodiscard]] const Element* find(std::string_view key) const {
    return const_cast<keyed_list*>(this)->find(key);
  }

  /// Adds at the end; false, and nothing happens, if the key is there already.
  bool insert(Element element) {
    if (find(element.*Key)) return false;
    elements_.push_back(std::move(element));
    if (index_)
      index_->emplace(elements_.back().*Key, std::prev(elements_.end()));
    else
      index_if_long();
    return true;
  }

  /// Adds at the end, or replaces the element with that key where it stands.
  Element& put(Element element) {
    if (auto* there = find(element.*Key)) {
      // The index refers to the old key's characters.
      auto key = std::move(there->*Key);
      *there = std::move(element);
      there->*Key = std::move(key);
      return *there;
    }
    insert(std::move(element));
    return elements_.back();
  }

  /// False if there is none.
  bool erase(std::string_view key) {
    const auto found = locate(key);
    if (found == elements_.end()) return false;
    if (index_) index_->erase((*found).*Key);
    elements_.erase(found);
    return true;
  }

  void clear() {
    index_.reset();
    elements_.clear();
  }

  friend bool operator==(const keyed_list& a, const keyed_list& b) { return a.elements_ == b.elements_; }

 private:
  /// Up to here a walk is as quick as a hash.
  static constexpr std::size_t unindexed_max = 16;
  using index = std::unordered_map<std::string_view, iterator>;

  iterator locate(std::string_view key) {
    if (index_) {
      const auto found = index_->find(key);
      return found == index_->end() ? elements_.end() : found->second;
    }
    return std::find_if(elements_.begin(), elements_.end(), [&](const Element& e) { return e.*Key == key; });
  }

  void index_if_long() {
    if (elements_.size() <= unindexed_max) return;
    index_ = std::make_unique<index>();
    for (auto i = elements_.begin(); i != elements_.end(); ++i) index_->emplace((*i).*Key, i);
  }

  std::list<Element> elements_;
  std::unique_ptr<index> index_;
};

}  // namespace bv
