#pragma once

#include <utility>

/// A doubly linked list through its elements: nothing is allocated, an element leaves in constant time. Internal to
/// async.
namespace takt::async::internal {

/// One link. An element belongs to at most one list per base of this type; Tag tells several apart.
template <class Tag>
class ListLink {
 public:
  ListLink() = default;
  ListLink(const ListLink&) = delete;
  ListLink& operator=(const ListLink&) = delete;

  [[nodiscard]] bool linked() const noexcept { return next_ != nullptr; }

  void unlink() noexcept {
    if (linked()) {
      next_->previous_ = previous_;
      previous_->next_ = next_;
      next_ = previous_ = nullptr;
    }
  }

 private:
  template <class T, class U>
  friend class List;
  ListLink* next_{nullptr};
  ListLink* previous_{nullptr};
};

template <class T, class Tag>
class List {
  using Link = ListLink<Tag>;

 public:
  List() { head_.next_ = head_.previous_ = &head_; }
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  [[nodiscard]] bool empty() const noexcept { return head_.next_ == &head_; }
  /// @pre !empty()
  [[nodiscard]] T& front() const noexcept { return static_cast<T&>(*head_.next_); }

  /// The element after that one of this list, null for the last.
  [[nodiscard]] T* after(const T& element) const noexcept {
    Link* next = static_cast<const Link&>(element).next_;
    return next == &head_ ? nullptr : static_cast<T*>(next);
  }

  /// @pre the element is in no list
  void push_back(T& element) noexcept {
    Link& link = element;
    link.previous_ = head_.previous_;
    link.next_ = &head_;
    head_.previous_->next_ = &link;
    head_.previous_ = &link;
  }

  /// Calls visit(element) for each; the visitor may unlink that element and no other.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (Link* link = head_.next_; link != &head_;) {
      visit(static_cast<T&>(*std::exchange(link, link->next_)));
    }
  }

 private:
  Link head_;
};

}  // namespace takt::async::internal
