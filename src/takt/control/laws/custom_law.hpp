#pragma once

#include <concepts>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "takt/control/laws/law.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// A struct that make_custom_law() makes a Law of. It copies; its step() is what Law::step() says, with tau_nm holding
/// one zero per joint at entry, and noexcept, as everything in the cycle. It may also have
///
///   static constexpr std::string_view kName = "…";           "custom" otherwise
///   static constexpr Reference kReference = …;               Reference::kSetpoint otherwise
///   void reset(const LawInput&) noexcept;                    keeps its state otherwise
template <class L>
concept CustomLaw = std::copyable<L> && requires(L& law, const LawInput& input, core::JointVector& tau_nm) {
  { law.step(input, tau_nm) } noexcept -> std::same_as<void>;
};

namespace internal {

template <class L>
class CustomLawAdapter final : public Law {
 public:
  explicit CustomLawAdapter(L law) : law_(std::move(law)) {}

  [[nodiscard]] std::string_view name() const noexcept override {
    if constexpr (requires { std::string_view(L::kName); }) {
      return L::kName;
    } else {
      return "custom";
    }
  }

  [[nodiscard]] Reference reference() const noexcept override {
    if constexpr (requires { Reference(L::kReference); }) {
      return L::kReference;
    } else {
      return Reference::kSetpoint;
    }
  }

  void reset(const LawInput& input) noexcept override {
    if constexpr (requires { law_.reset(input); }) {
      static_assert(noexcept(law_.reset(input)), "a custom law's reset() must be noexcept: it runs in the cycle");
      law_.reset(input);
    }
  }

  void step(const LawInput& input, core::JointVector& tau_nm) noexcept override {
    tau_nm.resize(0);
    tau_nm.resize(input.model.dof());
    law_.step(input, tau_nm);
  }

 private:
  L law_;
};

}  // namespace internal

/// A law of one's own for Controller::use and Cycle. Takes a copy. Where the struct is no CustomLaw, the compiler says
/// in a sentence why.
template <class L>
[[nodiscard]] std::unique_ptr<Law> make_custom_law(L law) {
  static_assert(std::copyable<L>, "a custom law must be copyable");
  static_assert(
      requires(L& l, const LawInput& input, core::JointVector& tau_nm) { l.step(input, tau_nm); },
      "a custom law needs   void step(const takt::control::LawInput&, takt::core::JointVector& tau_nm) noexcept");
  static_assert(CustomLaw<L>, "a custom law's step() must be noexcept and return void: it runs in the cycle");
  return std::make_unique<internal::CustomLawAdapter<L>>(std::move(law));
}

}  // namespace takt::control
