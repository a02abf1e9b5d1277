#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace takt::core::csv {

/// The unit that a column's name ends in: `_rad`, `_deg`, `_pct` (percent of the gripper's opening).
enum class ColumnUnit : std::uint8_t { kRadians, kDegrees, kPercent };

/// One column of a group.
struct GroupColumn {
  std::size_t index{0};  ///< position in the header, from 0
  std::string joint;     ///< what remains of the name without group and unit
  ColumnUnit unit{ColumnUnit::kRadians};

  friend bool operator==(const GroupColumn&, const GroupColumn&) = default;
};

/// The header of a recording, read by its naming rule `<group>_<joint>_<unit>`. Names of another form (`t_s`,
/// `segment`, `dq_1_rad_s`) are plain columns, found by `find`.
///
/// Both group and joint may contain underscores, so a name alone does not say where the group ends; the header does:
///   1. A column belongs to every group whose name and an underscore it begins with: `target_shoulder_pan_rad` to
///   "target".
///   2. Unless a longer group is inside: G_x is a group of its own, and takes its columns out of G, when it repeats at
///      least two of G's joints and holds nothing else. With q_1_rad q_2_rad q_des_1_rad q_des_2_rad the group "q" has
///      the joints 1 and 2 and leaves q_des_* to "q_des"; target_shoulder_* stays in "target", which has no joint
///      "pan".
class Columns {
 public:
  Columns() = default;
  explicit Columns(std::vector<std::string> names);

  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

  /// Position of the column with exactly this name; the first when there are several.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

  /// The columns of a group in file order; empty when there is no such group.
  [[nodiscard]] std::vector<GroupColumn> group(std::string_view name) const;

  /// The names of the groups in order of their first column. A group's name is taken as short as rule 2 allows.
  [[nodiscard]] std::vector<std::string> groups() const;

  friend bool operator==(const Columns&, const Columns&) = default;

 private:
  [[nodiscard]] bool repeats(const std::string& outer, const std::string& inner) const;
  [[nodiscard]] std::string innermost_group(std::string_view stem, std::string_view outer) const;

  std::vector<std::string> names_;
  std::set<std::string, std::less<>> stems_;  ///< `<group>_<joint>` of the joint columns
};

}  // namespace takt::core::csv
