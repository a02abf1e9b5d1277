#include "takt/node/parameters.hpp"

#include <algorithm>
#include <exception>

namespace takt::node {
namespace {

bool is_set(const ParameterValue& value) noexcept {
  return value.index() != 0;
}

std::uint64_t separators(std::string_view name) noexcept {
  return static_cast<std::uint64_t>(std::ranges::count(name, '.'));
}

bool is_below(std::string_view name, std::string_view prefix, std::uint64_t depth) noexcept {
  if (name == prefix) {
    return true;
  }
  return name.size() > prefix.size() && name.starts_with(prefix) && name[prefix.size()] == '.' &&
         (depth == 0 || separators(name.substr(prefix.size() + 1)) < depth);
}

template <class Hook>
std::vector<std::shared_ptr<Hook>> living(std::vector<std::weak_ptr<Hook>>& hooks) {
  std::vector<std::shared_ptr<Hook>> found;
  std::erase_if(hooks, [&](const std::weak_ptr<Hook>& kept) {
    auto hook = kept.lock();
    const bool gone = hook == nullptr;
    if (!gone) {
      found.push_back(std::move(hook));
    }
    return gone;
  });
  return found;
}

}  // namespace

Parameters::Parameters(std::string node, ParametersOptions options)
    : node_(std::move(node)), options_(std::move(options)) {}

ParameterValue Parameters::declare(const std::string& name, ParameterValue value, ParameterDescriptor descriptor) {
  if (name.empty() || declared_.contains(name)) {
    throw LogicError("parameter '" + name + "' of node " + node_ +
                     (name.empty() ? " needs a name" : " was declared twice"));
  }
  const auto stands_in = options_.overrides.find(name);
  if (stands_in != options_.overrides.end()) {
    const bool same_type = value.index() == stands_in->second.index() || !is_set(value) || descriptor.dynamic_typing;
    if (!same_type) {
      throw ConfigError(node_, 0, name,
                        "is a " + type_name(value) + ", and cannot be set to a " + type_name(stands_in->second));
    }
    value = stands_in->second;
  }
  const Parameter parameter{name, value};
  auto reason = refusal(descriptor, value);
  if (!reason) {
    reason = refused_by_validators({&parameter, 1});
  }
  if (reason) {
    throw ConfigError(node_, 0, name, *reason);
  }
  declared_.emplace(name, Declared{value, std::move(descriptor)});
  tell({.added = {parameter}, .changed = {}, .deleted = {}});
  return value;
}

void Parameters::undeclare(const std::string& name) {
  const Declared* declared = find(name);
  if (declared == nullptr) {
    throw_undeclared(name);
  }
  if (declared->descriptor.read_only) {
    throw LogicError("parameter " + name + " of node " + node_ + " is read-only and cannot be undeclared");
  }
  const Parameter parameter{name, declared->value};
  declared_.erase(name);
  tell({.added = {}, .changed = {}, .deleted = {parameter}});
}

bool Parameters::has(std::string_view name) const {
  return find(name) != nullptr;
}

const Parameters::Declared* Parameters::find(std::string_view name) const {
  const auto found = declared_.find(name);
  return found == declared_.end() ? nullptr : &found->second;
}

ParameterValue Parameters::get(std::string_view name) const {
  const Declared* declared = find(name);
  if (declared == nullptr && !options_.allow_undeclared) {
    throw_undeclared(name);
  }
  return declared == nullptr ? ParameterValue{} : declared->value;
}

const ParameterDescriptor& Parameters::descriptor(std::string_view name) const {
  static const ParameterDescriptor kUndeclared;
  const Declared* declared = find(name);
  if (declared == nullptr && !options_.allow_undeclared) {
    throw_undeclared(name);
  }
  return declared == nullptr ? kUndeclared : declared->descriptor;
}

void Parameters::throw_undeclared(std::string_view name) const {
  throw LogicError("parameter " + std::string(name) + " of node " + node_ + " is not declared");
}

Expected<void, std::string> Parameters::set(const std::string& name, ParameterValue value) {
  const Parameter parameter{name, std::move(value)};
  return set_atomically({&parameter, 1});
}

Expected<void, std::string> Parameters::set_atomically(std::span<const Parameter> parameters) {
  if (auto reason = refused(parameters)) {
    return Unexpected(std::move(*reason));
  }
  ParameterChange change;
  apply(parameters, change);
  tell(change);
  return {};
}

std::optional<std::string> Parameters::refused(std::span<const Parameter> parameters) {
  for (const Parameter& parameter : parameters) {
    const Declared* declared = find(parameter.name);
    if (declared == nullptr) {
      if (!options_.allow_undeclared || parameter.name.empty()) {
        return "parameter '" + parameter.name + "' is not declared";
      }
      continue;
    }
    const ParameterDescriptor& descriptor = declared->descriptor;
    if (descriptor.read_only) {
      return "parameter " + parameter.name + " is read-only";
    }
    const bool same_type = parameter.value.index() == declared->value.index() || descriptor.dynamic_typing ||
                           (!is_set(parameter.value) && options_.allow_undeclared) || !is_set(declared->value);
    if (!same_type) {
      return "parameter " + parameter.name + " is a " + type_name(declared->value) + ", and cannot be set to a " +
             type_name(parameter.value);
    }
    if (auto reason = refusal(descriptor, parameter.value)) {
      return "parameter " + parameter.name + ": " + *reason;
    }
  }
  return refused_by_validators(parameters);
}

std::optional<std::string> Parameters::refused_by_validators(std::span<const Parameter> parameters) {
  for (const auto& validator : living(validators_)) {
    try {
      if (auto reason = (*validator)(parameters)) {
        return reason;
      }
    } catch (const std::exception& error) {  // whoever sets it, maybe a peer, must not end the node by that
      return std::string("it could not be checked: ") + error.what();
    }
  }
  return std::nullopt;
}

// A parameter that is set to nothing is deleted where undeclared ones are allowed.
void Parameters::apply(std::span<const Parameter> parameters, ParameterChange& change) {
  for (const Parameter& parameter : parameters) {
    const auto found = declared_.find(parameter.name);
    if (!is_set(parameter.value) && options_.allow_undeclared) {
      if (found != declared_.end()) {
        change.deleted.push_back({parameter.name, found->second.value});
        declared_.erase(found);
      }
    } else if (found == declared_.end()) {
      declared_.emplace(parameter.name, Declared{parameter.value, {}});
      change.added.push_back(parameter);
    } else {
      found->second.value = parameter.value;
      change.changed.push_back(parameter);
    }
  }
}

std::vector<std::string> Parameters::list(std::span<const std::string> prefixes, std::uint64_t depth) const {
  std::vector<std::string> names;
  for (const auto& [name, declared] : declared_) {
    const bool wanted =
        prefixes.empty()
            ? depth == 0 || separators(name) < depth
            : std::ranges::any_of(prefixes, [&](const std::string& prefix) { return is_below(name, prefix, depth); });
    if (wanted) {
      names.push_back(name);
    }
  }
  return names;
}

ParameterHook Parameters::on_set(Validator validator) {
  auto hook = std::make_shared<Validator>(std::move(validator));
  validators_.emplace_back(hook);
  return ParameterHook(std::move(hook));
}

ParameterHook Parameters::on_changed(Listener listener) {
  auto hook = std::make_shared<Listener>(std::move(listener));
  listeners_.emplace_back(hook);
  return ParameterHook(std::move(hook));
}

void Parameters::tell(const ParameterChange& change) {
  for (const auto& listener : living(listeners_)) {
    (*listener)(change);
  }
}

}  // namespace takt::node
