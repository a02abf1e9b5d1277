#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "takt/core/error.hpp"
#include "takt/messages/cdr_stream.hpp"
#include "takt/messages/interfaces/interface_file.hpp"
#include "takt/messages/json_value.hpp"
#include "takt/messages/type_description.hpp"

/// Internal to messages/interfaces: a type description, checked, in the form that a codec walks along.
namespace takt::messages::internal {

struct DynamicStruct;

struct DynamicField {
  std::string name;
  std::uint8_t kind{0};  ///< of one element: type_description_interfaces::FieldType, below FIELD_TYPE_INT8_ARRAY
  Repetition repetition{Repetition::kOne};
  std::size_t capacity{0};                  ///< of an array or bounded sequence
  std::size_t text_capacity{kMaxCdrCount};  ///< bytes
  const DynamicStruct* nested{nullptr};
  std::size_t least_size{1};  ///< bytes of one element, without padding
  std::string default_json;   ///< what it begins with; empty: zero, false or nothing
};

struct DynamicStruct {
  std::vector<DynamicField> fields;  ///< none: CDR has one byte for it all the same
  std::size_t least_size{1};
};

struct DynamicTypes {
  std::map<std::string, std::unique_ptr<DynamicStruct>, std::less<>> structs;  // at addresses that stay
  const DynamicStruct* root{nullptr};
  RosType type;  ///< of the root, with what it is made of and nothing else
};

/// @param name  empty: the first. @return what is wrong with it
[[nodiscard]] Expected<DynamicTypes, std::string> plan_types(
    const type_description_interfaces::TypeDescription& description, std::string_view name);

/// Calls visit(T{}) with the type of numbers of this kind; false when it is none.
template <class F>
bool with_number_type(std::uint8_t kind, F&& visit) {
  switch (kind) {
    case RosTypeId::FIELD_TYPE_INT8:
      return visit(std::int8_t{});
    case RosTypeId::FIELD_TYPE_UINT8:
    case RosTypeId::FIELD_TYPE_BYTE:
    case RosTypeId::FIELD_TYPE_CHAR:  // to ROS it is a uint8
      return visit(std::uint8_t{});
    case RosTypeId::FIELD_TYPE_INT16:
      return visit(std::int16_t{});
    case RosTypeId::FIELD_TYPE_UINT16:
      return visit(std::uint16_t{});
    case RosTypeId::FIELD_TYPE_INT32:
      return visit(std::int32_t{});
    case RosTypeId::FIELD_TYPE_UINT32:
      return visit(std::uint32_t{});
    case RosTypeId::FIELD_TYPE_INT64:
      return visit(std::int64_t{});
    case RosTypeId::FIELD_TYPE_UINT64:
      return visit(std::uint64_t{});
    case RosTypeId::FIELD_TYPE_FLOAT:
      return visit(float{});
    case RosTypeId::FIELD_TYPE_DOUBLE:
      return visit(double{});
    case RosTypeId::FIELD_TYPE_BOOLEAN:
      return visit(bool{});
    default:
      return false;
  }
}

/// The JSON of the struct that is read. @return false: `in` has the reason
[[nodiscard]] bool read_struct(CdrReader& in, const DynamicStruct& type, std::string& json);

/// The struct that `json` stands for, null for one with all its defaults. @tparam Out  CdrSizer or CdrWriter
template <class Out>
[[nodiscard]] MaybeError write_struct(Out& out, const DynamicStruct& type, const JsonValue* json);
extern template MaybeError write_struct(CdrSizer& out, const DynamicStruct& type, const JsonValue* json);
extern template MaybeError write_struct(CdrWriter& out, const DynamicStruct& type, const JsonValue* json);

}  // namespace takt::messages::internal
