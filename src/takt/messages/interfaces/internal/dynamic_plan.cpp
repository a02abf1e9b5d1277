#include "takt/messages/interfaces/internal/dynamic_plan.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "takt/messages/interfaces/interface_value.hpp"
#include "takt/messages/json.hpp"

namespace takt::messages::internal {
namespace {

using type_description_interfaces::Field;
using type_description_interfaces::FieldType;
using type_description_interfaces::IndividualTypeDescription;
using type_description_interfaces::TypeDescription;

/// Deeper than any type that people write, and far from the end of a stack.
constexpr std::size_t kMostNested = 32;
/// Nothing carries more; a type whose empty message is larger is a trap.
constexpr std::size_t kMostLeastSize = std::size_t{256} << 20U;

bool is_plain(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '/';
  });
}

Repetition repetition_of(std::uint8_t many) {
  return many == 0                     ? Repetition::kOne
         : many == kRosArray           ? Repetition::kArray
         : many == kRosBoundedSequence ? Repetition::kBounded
                                       : Repetition::kUnbounded;
}

/// A value as .msg files have it, in JSON.
std::string json_of(const InterfaceFieldType& type, const InterfaceValue& value) {
  const bool is_number = type.name != "string" && value.find_first_of("nf") == std::string::npos;
  return type.name == "bool" || is_number ? value : to_json(value);
}

/// Empty when there is none, or it cannot be read.
std::string default_json(const DynamicField& field, const std::string& text) {
  InterfaceFieldType type;
  FieldType element;
  element.type_id = field.kind;
  type.name = ros_type_text(element);
  type.text_bound = field.text_capacity;
  if (text.empty() || field.nested != nullptr) {
    return {};
  }
  if (field.repetition == Repetition::kOne) {
    const auto value = parse_value(type, text);
    return value ? json_of(type, *value) : std::string();
  }
  const auto values = parse_values(type, text);
  const bool fits = values && (field.repetition == Repetition::kUnbounded || values->size() <= field.capacity) &&
                    (field.repetition != Repetition::kArray || values->size() == field.capacity);
  std::string json;
  for (std::size_t i = 0; fits && i < values->size(); ++i) {
    json += (json.empty() ? "" : ",") + json_of(type, (*values)[i]);
  }
  return fits ? "[" + json + "]" : std::string();
}

/// Plans one description after the other, those that a type consists of before itself.
class Planner {
 public:
  explicit Planner(const TypeDescription& description) {
    add(description.type_description);
    std::ranges::for_each(description.referenced_type_descriptions, [this](const auto& one) { add(one); });
  }

  /// Null when it cannot be; `wrong` says why.
  const DynamicStruct* plan(std::string_view name) {
    if (const auto done = types_.structs.find(name); done != types_.structs.end()) {
      return done->second.get();
    }
    const auto found = descriptions_.find(name);
    if (found == descriptions_.end()) {
      return fail("it has no description of " + (is_plain(name) ? std::string(name) : "one of its types"));
    }
    if (open_.size() >= kMostNested || !open_.insert(found->first).second) {
      return fail(std::string(name) + " is inside of itself, or " + std::to_string(kMostNested) + " types deep");
    }
    auto made = std::make_unique<DynamicStruct>();
    if (!fill(*made, *found->second)) {
      return nullptr;
    }
    open_.erase(found->first);
    return types_.structs.emplace(found->first, std::move(made)).first->second.get();
  }

  Expected<DynamicTypes, std::string> finish(std::string_view name) {
    types_.root = plan(name);
    if (types_.root == nullptr) {
      return Unexpected(std::move(wrong_));
    }
    types_.type.name = name;
    TypeDescription& described = types_.type.description;
    for (const auto& [type, planned] : types_.structs) {
      (type == name ? described.type_description : described.referenced_type_descriptions.emplace_back()) =
          *descriptions_.find(type)->second;
    }
    types_.type.hash = sha256(hashed_text(described));
    return std::move(types_);
  }

 private:
  void add(const IndividualTypeDescription& one) { descriptions_.emplace(one.type_name.view(), &one); }

  std::nullptr_t fail(std::string why) {
    wrong_ = std::move(why);
    return nullptr;
  }

  bool fill(DynamicStruct& made, const IndividualTypeDescription& description) {
    if (!is_plain(description.type_name.view()) || description.fields.empty()) {
      fail("a type has a name that is none, or no member");
      return false;
    }
    if (description.fields.size() == 1 && description.fields.front().name == kRosNoMember) {
      return true;
    }
    std::size_t least = 0;
    for (const Field& described : description.fields) {
      const bool is_known = std::ranges::find(made.fields, described.name, &DynamicField::name) != made.fields.end();
      DynamicField& field = made.fields.emplace_back();
      if (is_known || !fill(field, described)) {
        wrong_ = is_known ? "a member is there twice" : wrong_;
        wrong_ = std::string(description.type_name.view()) + ": " + wrong_;
        return false;
      }
      // Nothing overflows: each factor is at most kMostLeastSize.
      const bool is_array = field.repetition == Repetition::kArray;
      least += field.repetition == Repetition::kOne ? field.least_size
               : is_array                           ? field.least_size * field.capacity
                                                    : sizeof(std::uint32_t);
      if (least > kMostLeastSize) {
        fail(std::string(description.type_name.view()) + " is larger than anything that can be sent");
        return false;
      }
    }
    made.least_size = least;
    return true;
  }

  bool fill(DynamicField& field, const Field& described) {
    const FieldType& type = described.type;
    const auto many = static_cast<std::uint8_t>(type.type_id / kRosArray * kRosArray);
    field.name = described.name;
    field.kind = static_cast<std::uint8_t>(type.type_id - many);
    field.repetition = repetition_of(many);
    field.capacity = type.capacity;
    if (!is_plain(field.name)) {
      fail("a member has a name that is none");
      return false;
    }
    const bool counts = field.repetition == Repetition::kArray || field.repetition == Repetition::kBounded;
    if (many > kRosUnboundedSequence || (counts && type.capacity > kMostLeastSize) ||
        (field.repetition == Repetition::kArray && type.capacity == 0)) {
      fail("member " + field.name + " has a number of elements that cannot be");
      return false;
    }
    if (!set_element(field, type)) {
      wrong_ = wrong_.empty() ? "member " + field.name + " has a type that cannot be carried" : wrong_;
      return false;
    }
    field.default_json = default_json(field, described.default_value);
    return true;
  }

  bool set_element(DynamicField& field, const FieldType& type) {
    switch (field.kind) {
      case RosTypeId::FIELD_TYPE_NESTED_TYPE:
        field.nested = plan(type.nested_type_name.view());
        field.least_size = field.nested == nullptr ? 1 : field.nested->least_size;
        return field.nested != nullptr;
      case RosTypeId::FIELD_TYPE_BOUNDED_STRING:
        field.text_capacity = std::min<std::size_t>(type.string_capacity, kMaxCdrCount);
        [[fallthrough]];
      case RosTypeId::FIELD_TYPE_STRING:
        field.least_size = sizeof(std::uint32_t);
        return true;
      default:
        return with_number_type(field.kind, [&](auto number) {
          field.least_size = sizeof(number);
          return true;
        });
    }
  }

  std::map<std::string_view, const IndividualTypeDescription*, std::less<>> descriptions_;
  std::set<std::string_view> open_;  // planned now, one inside of the other
  DynamicTypes types_;
  std::string wrong_;
};

}  // namespace

Expected<DynamicTypes, std::string> plan_types(const TypeDescription& description, std::string_view name) {
  return Planner(description).finish(name.empty() ? description.type_description.type_name.view() : name);
}

}  // namespace takt::messages::internal
