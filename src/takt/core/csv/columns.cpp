#include "takt/core/csv/columns.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace takt::core::csv {
namespace {

constexpr std::array<std::pair<std::string_view, ColumnUnit>, 3> kUnits{{
    {"_rad", ColumnUnit::kRadians},
    {"_deg", ColumnUnit::kDegrees},
    {"_pct", ColumnUnit::kPercent},
}};

struct JointColumn {
  std::string_view stem;
  ColumnUnit unit;
};

/// `<group>_<joint>` and unit of a joint column's name; nothing for any other name.
std::optional<JointColumn> split_unit(std::string_view name) {
  for (const auto& [suffix, unit] : kUnits) {
    if (!name.ends_with(suffix)) {
      continue;
    }
    const std::string_view stem = name.substr(0, name.size() - suffix.size());
    const std::size_t first = stem.find('_');
    if (first != 0 && first != std::string_view::npos && !stem.ends_with('_')) {
      return JointColumn{stem, unit};
    }
  }
  return std::nullopt;
}

}  // namespace

Columns::Columns(std::vector<std::string> names) : names_(std::move(names)) {
  for (const std::string& name : names_) {
    if (const auto column = split_unit(name)) {
      stems_.emplace(column->stem);
    }
  }
}

std::optional<std::size_t> Columns::find(std::string_view name) const {
  const auto found = std::ranges::find(names_, name);
  return found == names_.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - names_.begin()));
}

std::vector<GroupColumn> Columns::group(std::string_view name) const {
  std::vector<GroupColumn> columns;
  const std::string prefix = std::string(name) + "_";
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const auto column = split_unit(names_[i]);
    if (column && column->stem.starts_with(prefix) && innermost_group(column->stem, name) == name) {
      columns.push_back({.index = i, .joint = std::string(column->stem.substr(prefix.size())), .unit = column->unit});
    }
  }
  return columns;
}

std::vector<std::string> Columns::groups() const {
  std::vector<std::string> found;
  for (const std::string& name : names_) {
    if (const auto column = split_unit(name)) {
      std::string group = innermost_group(column->stem, column->stem.substr(0, column->stem.find('_')));
      if (std::ranges::find(found, group) == found.end()) {
        found.push_back(std::move(group));
      }
    }
  }
  return found;
}

/// Rule 2: every column of `inner` names a joint that `outer` has as well, and there are at least two.
bool Columns::repeats(const std::string& outer, const std::string& inner) const {
  const std::string prefix = inner + "_";
  std::size_t repeated = 0;
  for (auto stem = stems_.lower_bound(prefix); stem != stems_.end() && stem->starts_with(prefix); ++stem) {
    if (!stems_.contains(outer + "_" + stem->substr(prefix.size()))) {
      return false;
    }
    ++repeated;
  }
  return repeated >= 2;
}

/// The group inside `outer` that `stem` belongs to; `outer` itself when no longer one takes it. @pre stem starts with
/// outer_.
std::string Columns::innermost_group(std::string_view stem, std::string_view outer) const {
  std::string group(outer);
  for (std::size_t cut = stem.find('_', group.size() + 1); cut != std::string_view::npos;
       cut = stem.find('_', cut + 1)) {
    std::string inner(stem.substr(0, cut));
    if (repeats(group, inner)) {
      group = std::move(inner);
    }
  }
  return group;
}

}  // namespace takt::core::csv
