#include "takt/async/tasks/exception_group.hpp"

#include <cstdlib>
#include <memory>
#include <typeinfo>

#include <cxxabi.h>
#include <fmt/core.h>

namespace takt::async {
namespace {

std::string demangled(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                    std::free);
  return name ? name.get() : type.name();
}

void append_flat(std::vector<Failure>& flat, const Failure& failure) {
  try {
    std::rethrow_exception(failure.error);
  } catch (const ExceptionGroup& group) {
    for (const Failure& inner : group.failures()) {
      const bool same = inner.task == failure.task;  // the body of a nursery fails under its task's own name
      flat.push_back({same ? inner.task : failure.task + "/" + inner.task, inner.error});
    }
  } catch (...) {
    flat.push_back(failure);
  }
}

std::vector<Failure> flatten(const std::vector<Failure>& failures) {
  std::vector<Failure> flat;
  for (const Failure& failure : failures) {
    append_flat(flat, failure);
  }
  return flat;
}

std::string summary(const std::vector<Failure>& failures) {
  const std::vector<Failure> flat = flatten(failures);
  std::string text = flat.size() == 1 ? "a task failed:" : fmt::format("{} tasks failed:", flat.size());
  for (const Failure& failure : flat) {
    text += fmt::format("{}{}: {}", flat.size() == 1 ? " " : "\n  ", failure.task, describe(failure.error));
  }
  return text;
}

}  // namespace

ExceptionGroup::ExceptionGroup(const std::vector<Failure>& failures)
    : Error(summary(failures)), failures_(flatten(failures)) {}

std::string describe(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return demangled(typeid(exception)) + ": " + exception.what();
  } catch (...) {
    const std::type_info* type = abi::__cxa_current_exception_type();
    return type != nullptr ? demangled(*type) : "an exception";
  }
}

}  // namespace takt::async
