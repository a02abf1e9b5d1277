#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "takt/core/bounded_vector.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/messages/cdr_form.hpp"

/// What travels in CDR as a sequence: a length, then the elements.
namespace takt::messages {

/// Reads a length that is at most `most`.
template <class T>
bool read_cdr_count(CdrReader& in, std::size_t& count, std::size_t most) {
  return in.count(count, CdrForm<T>::kLeastSize) &&
         (count <= most || in.fail(std::to_string(count) + " elements, the most is " + std::to_string(most)));
}

/// Reads `count` elements, which the message can hold by read_cdr_count. Numbers take in memory what they take in the
/// message. All else may take more, so that room is made for no more than the bytes left at first, and then as elements
/// come: a length that lies makes for no more memory than an honest message of that size.
template <class T>
bool read_cdr_vector(CdrReader& in, std::vector<T>& value, std::size_t count) {
  if constexpr (CdrNumbersOf<T>::kCount > 0) {
    value.resize(count);
    return read_cdr_elements(in, value.data(), count);
  } else {
    value.clear();
    value.reserve(std::min(count, in.left() / sizeof(T)));
    for (std::size_t i = 0; i < count; ++i) {
      if (value.size() == value.capacity()) {
        value.reserve(std::min(count, 2 * i + 1));
      }
      if (!CdrForm<T>::read(in, value.emplace_back())) [[unlikely]] {
        return in.failed_in(i);
      }
    }
    return true;
  }
}

/// What all sequences have: a length that can be 0.
template <class T>
struct CdrSequenceForm {
  static constexpr bool kEncodable = CdrEncodable<T>;
  static constexpr std::size_t kLeastSize = sizeof(std::uint32_t);
};

template <class T>
struct CdrForm<std::vector<T>> : CdrSequenceForm<T> {
  static constexpr void write(auto& out, const std::vector<T>& value) {
    out.count(value.size());
    write_cdr_elements(out, value.data(), value.size());
  }
  static bool read(CdrReader& in, std::vector<T>& value) {
    std::size_t count = 0;
    return read_cdr_count<T>(in, count, kMaxCdrCount) && read_cdr_vector(in, value, count);
  }
};

template <>
struct CdrForm<std::vector<bool>> : CdrSequenceForm<bool> {
  static constexpr void write(auto& out, const std::vector<bool>& value) {
    out.count(value.size());
    for (const bool element : value) {
      CdrForm<bool>::write(out, element);
    }
  }
  static bool read(CdrReader& in, std::vector<bool>& value) {
    std::size_t count = 0;
    if (!read_cdr_count<bool>(in, count, kMaxCdrCount)) [[unlikely]] {
      return false;
    }
    value.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      bool element = false;
      if (!in.number(element)) [[unlikely]] {
        return in.failed_in(i);
      }
      value[i] = element;
    }
    return true;
  }
};

template <class T, std::size_t N>
struct CdrForm<core::BoundedVector<T, N>> : CdrSequenceForm<T> {
  static constexpr void write(auto& out, const core::BoundedVector<T, N>& value) {
    out.count(value.size());
    write_cdr_elements(out, value.begin(), value.size());
  }
  static bool read(CdrReader& in, core::BoundedVector<T, N>& value) {
    std::size_t count = 0;
    if (!read_cdr_count<T>(in, count, N)) [[unlikely]] {
      return false;
    }
    value.clear();
    for (std::size_t i = 0; i < count; ++i) {
      T element{};
      if (!CdrForm<T>::read(in, element)) [[unlikely]] {
        return in.failed_in(i);
      }
      value.push_back(element);
    }
    return true;
  }
};

template <>
struct CdrForm<core::JointVector> : CdrSequenceForm<double> {
  static constexpr void write(auto& out, const core::JointVector& value) {
    out.count(value.size());
    write_cdr_elements(out, value.data(), value.size());
  }
  static bool read(CdrReader& in, core::JointVector& value) {
    std::size_t count = 0;
    if (!read_cdr_count<double>(in, count, core::kMaxJoints)) [[unlikely]] {
      return false;
    }
    value.resize(count);
    return read_cdr_elements(in, value.data(), count);
  }
};

/// A sequence of at most one element.
template <class T>
struct CdrForm<std::optional<T>> : CdrSequenceForm<T> {
  static constexpr void write(auto& out, const std::optional<T>& value) {
    out.count(value ? 1 : 0);
    if (value) {
      CdrForm<T>::write(out, *value);
    }
  }
  static bool read(CdrReader& in, std::optional<T>& value) {
    std::size_t count = 0;
    if (!read_cdr_count<T>(in, count, 1)) [[unlikely]] {
      return false;
    }
    value.reset();
    return count == 0 || CdrForm<T>::read(in, value.emplace());
  }
};

/// A sequence of keys, each followed by its value, in the order of the keys. Read in any order, each key once.
template <class T>
struct CdrForm<std::map<std::string, T>> : CdrSequenceForm<T> {
  static constexpr void write(auto& out, const std::map<std::string, T>& values) {
    out.count(values.size());
    for (const auto& [key, value] : values) {
      out.text(key);
      CdrForm<T>::write(out, value);
    }
  }
  static bool read(CdrReader& in, std::map<std::string, T>& values) {
    std::size_t count = 0;
    if (!in.count(count, CdrForm<std::string>::kLeastSize + CdrForm<T>::kLeastSize)) [[unlikely]] {
      return false;
    }
    values.clear();
    for (std::size_t i = 0; i < count; ++i) {
      std::string key;
      T value{};
      if (!CdrForm<std::string>::read(in, key) || !CdrForm<T>::read(in, value)) [[unlikely]] {
        return in.failed_in(i);
      }
      if (!values.emplace(std::move(key), std::move(value)).second) [[unlikely]] {
        in.fail("a key for the second time");
        return in.failed_in(i);
      }
    }
    return true;
  }
};

}  // namespace takt::messages
