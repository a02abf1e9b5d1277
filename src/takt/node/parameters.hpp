#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "takt/core/error.hpp"
#include "takt/node/parameter.hpp"

namespace takt::node {

/// What one change did.
struct ParameterChange {
  std::vector<Parameter> added;
  std::vector<Parameter> changed;
  std::vector<Parameter> deleted;
};

/// Is asked, or told, for as long as it lives.
class ParameterHook {
 public:
  ParameterHook() = default;

 private:
  friend class Parameters;
  explicit ParameterHook(std::shared_ptr<void> hook) noexcept : hook_(std::move(hook)) {}
  std::shared_ptr<void> hook_;  // the parameters only look at it while it is here
};

struct ParametersOptions {
  /// Values that stand in for those that are declared.
  std::map<std::string, ParameterValue> overrides{};
  /// What is set without being declared is declared by that, and what is asked for is not set.
  bool allow_undeclared{false};
};

/// The parameters of a node: named values that are declared here and seen and set from elsewhere.
///
///   const auto gain = node.parameters().declare("gain", 2.0, {.floating_point_range = {{0.0, 10.0}}});
///
/// A resource of its node. Loop thread; before the node is entered, one thread at a time.
class Parameters {
 public:
  /// @param node  fully qualified, for messages
  Parameters(std::string node, ParametersOptions options);
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  /// Declares it, with its override where there is one. Its type is that of `value`, for good unless it is said to be
  /// dynamic. @return the value that it has. @throws LogicError when it is declared already; ConfigError when its value
  /// is refused, by its descriptor or by a validator
  ParameterValue declare(const std::string& name, ParameterValue value, ParameterDescriptor descriptor = {});
  /// The same, with the type kept: declare("rate_hz", std::int64_t{100}).
  template <class T>
    requires(!std::same_as<T, ParameterValue> && std::constructible_from<ParameterValue, T>)
  T declare(const std::string& name, T value, ParameterDescriptor descriptor = {}) {
    return std::get<T>(declare(name, ParameterValue(std::move(value)), std::move(descriptor)));
  }
  /// @throws LogicError when it is not declared, or is read-only
  void undeclare(const std::string& name);
  [[nodiscard]] bool has(std::string_view name) const;

  /// @throws LogicError when it is not declared, unless undeclared ones are allowed: then not set
  [[nodiscard]] ParameterValue get(std::string_view name) const;
  /// @throws LogicError when it is not declared, or of another type
  template <class T>
  [[nodiscard]] T get(std::string_view name) const {
    const ParameterValue value = get(name);
    if (!std::holds_alternative<T>(value)) {
      throw LogicError("parameter " + std::string(name) + " of node " + node_ + " is a " + type_name(value));
    }
    return std::get<T>(value);
  }
  /// @throws as get
  [[nodiscard]] const ParameterDescriptor& descriptor(std::string_view name) const;

  /// Sets it. The error says why not: nothing has changed then.
  Expected<void, std::string> set(const std::string& name, ParameterValue value);
  /// All of them, or none.
  Expected<void, std::string> set_atomically(std::span<const Parameter> parameters);

  /// Names below any of the prefixes, or all when there are none, with at most `depth` parts separated by '.' below it;
  /// 0: any number. Sorted.
  [[nodiscard]] std::vector<std::string> list(std::span<const std::string> prefixes = {},
                                              std::uint64_t depth = 0) const;

  /// Asks `validator` before anything is declared or set; it gives the reason to refuse, or nothing; what it
  /// throws is one too.
  using Validator = std::function<std::optional<std::string>(std::span<const Parameter>)>;
  [[nodiscard]] ParameterHook on_set(Validator validator);
  /// Tells `listener` of every change, after it.
  using Listener = std::function<void(const ParameterChange&)>;
  [[nodiscard]] ParameterHook on_changed(Listener listener);

 private:
  struct Declared {
    ParameterValue value;
    ParameterDescriptor descriptor;
  };

  [[nodiscard]] std::optional<std::string> refused(std::span<const Parameter> parameters);
  [[nodiscard]] std::optional<std::string> refused_by_validators(std::span<const Parameter> parameters);
  void apply(std::span<const Parameter> parameters, ParameterChange& change);
  void tell(const ParameterChange& change);
  [[nodiscard]] const Declared* find(std::string_view name) const;
  [[noreturn]] void throw_undeclared(std::string_view name) const;

  const std::string node_;
  const ParametersOptions options_;
  std::map<std::string, Declared, std::less<>> declared_;
  std::vector<std::weak_ptr<Validator>> validators_;
  std::vector<std::weak_ptr<Listener>> listeners_;
};

}  // namespace takt::node
