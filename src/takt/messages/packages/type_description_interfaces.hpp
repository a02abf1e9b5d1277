#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/core/fixed_string.hpp"

/// Types as data, and the service that hands them out. Of the package type_description_interfaces of ROS 2.
namespace takt::type_description_interfaces {

struct FieldType {
  static constexpr std::string_view kRosName = "type_description_interfaces/msg/FieldType";
  static constexpr std::uint8_t FIELD_TYPE_NOT_SET = 0;
  static constexpr std::uint8_t FIELD_TYPE_NESTED_TYPE = 1;
  static constexpr std::uint8_t FIELD_TYPE_INT8 = 2;
  static constexpr std::uint8_t FIELD_TYPE_UINT8 = 3;
  static constexpr std::uint8_t FIELD_TYPE_INT16 = 4;
  static constexpr std::uint8_t FIELD_TYPE_UINT16 = 5;
  static constexpr std::uint8_t FIELD_TYPE_INT32 = 6;
  static constexpr std::uint8_t FIELD_TYPE_UINT32 = 7;
  static constexpr std::uint8_t FIELD_TYPE_INT64 = 8;
  static constexpr std::uint8_t FIELD_TYPE_UINT64 = 9;
  static constexpr std::uint8_t FIELD_TYPE_FLOAT = 10;
  static constexpr std::uint8_t FIELD_TYPE_DOUBLE = 11;
  static constexpr std::uint8_t FIELD_TYPE_LONG_DOUBLE = 12;
  static constexpr std::uint8_t FIELD_TYPE_CHAR = 13;
  static constexpr std::uint8_t FIELD_TYPE_WCHAR = 14;
  static constexpr std::uint8_t FIELD_TYPE_BOOLEAN = 15;
  static constexpr std::uint8_t FIELD_TYPE_BYTE = 16;
  static constexpr std::uint8_t FIELD_TYPE_STRING = 17;
  static constexpr std::uint8_t FIELD_TYPE_WSTRING = 18;
  static constexpr std::uint8_t FIELD_TYPE_FIXED_STRING = 19;
  static constexpr std::uint8_t FIELD_TYPE_FIXED_WSTRING = 20;
  static constexpr std::uint8_t FIELD_TYPE_BOUNDED_STRING = 21;
  static constexpr std::uint8_t FIELD_TYPE_BOUNDED_WSTRING = 22;
  static constexpr std::uint8_t FIELD_TYPE_NESTED_TYPE_ARRAY = 49;
  static constexpr std::uint8_t FIELD_TYPE_INT8_ARRAY = 50;
  static constexpr std::uint8_t FIELD_TYPE_UINT8_ARRAY = 51;
  static constexpr std::uint8_t FIELD_TYPE_INT16_ARRAY = 52;
  static constexpr std::uint8_t FIELD_TYPE_UINT16_ARRAY = 53;
  static constexpr std::uint8_t FIELD_TYPE_INT32_ARRAY = 54;
  static constexpr std::uint8_t FIELD_TYPE_UINT32_ARRAY = 55;
  static constexpr std::uint8_t FIELD_TYPE_INT64_ARRAY = 56;
  static constexpr std::uint8_t FIELD_TYPE_UINT64_ARRAY = 57;
  static constexpr std::uint8_t FIELD_TYPE_FLOAT_ARRAY = 58;
  static constexpr std::uint8_t FIELD_TYPE_DOUBLE_ARRAY = 59;
  static constexpr std::uint8_t FIELD_TYPE_LONG_DOUBLE_ARRAY = 60;
  static constexpr std::uint8_t FIELD_TYPE_CHAR_ARRAY = 61;
  static constexpr std::uint8_t FIELD_TYPE_WCHAR_ARRAY = 62;
  static constexpr std::uint8_t FIELD_TYPE_BOOLEAN_ARRAY = 63;
  static constexpr std::uint8_t FIELD_TYPE_BYTE_ARRAY = 64;
  static constexpr std::uint8_t FIELD_TYPE_STRING_ARRAY = 65;
  static constexpr std::uint8_t FIELD_TYPE_WSTRING_ARRAY = 66;
  static constexpr std::uint8_t FIELD_TYPE_FIXED_STRING_ARRAY = 67;
  static constexpr std::uint8_t FIELD_TYPE_FIXED_WSTRING_ARRAY = 68;
  static constexpr std::uint8_t FIELD_TYPE_BOUNDED_STRING_ARRAY = 69;
  static constexpr std::uint8_t FIELD_TYPE_BOUNDED_WSTRING_ARRAY = 70;
  static constexpr std::uint8_t FIELD_TYPE_NESTED_TYPE_BOUNDED_SEQUENCE = 97;
  static constexpr std::uint8_t FIELD_TYPE_INT8_BOUNDED_SEQUENCE = 98;
  static constexpr std::uint8_t FIELD_TYPE_UINT8_BOUNDED_SEQUENCE = 99;
  static constexpr std::uint8_t FIELD_TYPE_INT16_BOUNDED_SEQUENCE = 100;
  static constexpr std::uint8_t FIELD_TYPE_UINT16_BOUNDED_SEQUENCE = 101;
  static constexpr std::uint8_t FIELD_TYPE_INT32_BOUNDED_SEQUENCE = 102;
  static constexpr std::uint8_t FIELD_TYPE_UINT32_BOUNDED_SEQUENCE = 103;
  static constexpr std::uint8_t FIELD_TYPE_INT64_BOUNDED_SEQUENCE = 104;
  static constexpr std::uint8_t FIELD_TYPE_UINT64_BOUNDED_SEQUENCE = 105;
  static constexpr std::uint8_t FIELD_TYPE_FLOAT_BOUNDED_SEQUENCE = 106;
  static constexpr std::uint8_t FIELD_TYPE_DOUBLE_BOUNDED_SEQUENCE = 107;
  static constexpr std::uint8_t FIELD_TYPE_LONG_DOUBLE_BOUNDED_SEQUENCE = 108;
  static constexpr std::uint8_t FIELD_TYPE_CHAR_BOUNDED_SEQUENCE = 109;
  static constexpr std::uint8_t FIELD_TYPE_WCHAR_BOUNDED_SEQUENCE = 110;
  static constexpr std::uint8_t FIELD_TYPE_BOOLEAN_BOUNDED_SEQUENCE = 111;
  static constexpr std::uint8_t FIELD_TYPE_BYTE_BOUNDED_SEQUENCE = 112;
  static constexpr std::uint8_t FIELD_TYPE_STRING_BOUNDED_SEQUENCE = 113;
  static constexpr std::uint8_t FIELD_TYPE_WSTRING_BOUNDED_SEQUENCE = 114;
  static constexpr std::uint8_t FIELD_TYPE_FIXED_STRING_BOUNDED_SEQUENCE = 115;
  static constexpr std::uint8_t FIELD_TYPE_FIXED_WSTRING_BOUNDED_SEQUENCE = 116;
  static constexpr std::uint8_t FIELD_TYPE_BOUNDED_STRING_BOUNDED_SEQUENCE = 117;
  static constexpr std::uint8_t FIELD_TYPE_BOUNDED_WSTRING_BOUNDED_SEQUENCE = 118;
  static constexpr std::uint8_t FIELD_TYPE_NESTED_TYPE_UNBOUNDED_SEQUENCE = 145;
  static constexpr std::uint8_t FIELD_TYPE_INT8_UNBOUNDED_SEQUENCE = 146;
  static constexpr std::uint8_t FIELD_TYPE_UINT8_UNBOUNDED_SEQUENCE = 147;
  static constexpr std::uint8_t FIELD_TYPE_INT16_UNBOUNDED_SEQUENCE = 148;
  static constexpr std::uint8_t FIELD_TYPE_UINT16_UNBOUNDED_SEQUENCE = 149;
  static constexpr std::uint8_t FIELD_TYPE_INT32_UNBOUNDED_SEQUENCE = 150;
  static constexpr std::uint8_t FIELD_TYPE_UINT32_UNBOUNDED_SEQUENCE = 151;
  static constexpr std::uint8_t FIELD_TYPE_INT64_UNBOUNDED_SEQUENCE = 152;
  static constexpr std::uint8_t FIELD_TYPE_UINT64_UNBOUNDED_SEQUENCE = 153;
  static constexpr std::uint8_t FIELD_TYPE_FLOAT_UNBOUNDED_SEQUENCE = 154;
  static constexpr std::uint8_t FIELD_TYPE_DOUBLE_UNBOUNDED_SEQUENCE = 155;
  static constexpr std::uint8_t FIELD_TYPE_LONG_DOUBLE_UNBOUNDED_SEQUENCE = 156;
  static constexpr std::uint8_t FIELD_TYPE_CHAR_UNBOUNDED_SEQUENCE = 157;
  static constexpr std::uint8_t FIELD_TYPE_WCHAR_UNBOUNDED_SEQUENCE = 158;
  static constexpr std::uint8_t FIELD_TYPE_BOOLEAN_UNBOUNDED_SEQUENCE = 159;
  static constexpr std::uint8_t FIELD_TYPE_BYTE_UNBOUNDED_SEQUENCE = 160;
  static constexpr std::uint8_t FIELD_TYPE_STRING_UNBOUNDED_SEQUENCE = 161;
  static constexpr std::uint8_t FIELD_TYPE_WSTRING_UNBOUNDED_SEQUENCE = 162;
  static constexpr std::uint8_t FIELD_TYPE_FIXED_STRING_UNBOUNDED_SEQUENCE = 163;
  static constexpr std::uint8_t FIELD_TYPE_FIXED_WSTRING_UNBOUNDED_SEQUENCE = 164;
  static constexpr std::uint8_t FIELD_TYPE_BOUNDED_STRING_UNBOUNDED_SEQUENCE = 165;
  static constexpr std::uint8_t FIELD_TYPE_BOUNDED_WSTRING_UNBOUNDED_SEQUENCE = 166;

  std::uint8_t type_id{0};
  std::uint64_t capacity{0};
  std::uint64_t string_capacity{0};
  core::FixedString<256> nested_type_name;

  friend bool operator==(const FieldType&, const FieldType&) = default;
};
BOOST_DESCRIBE_STRUCT(FieldType, (), (type_id, capacity, string_capacity, nested_type_name))

struct Field {
  static constexpr std::string_view kRosName = "type_description_interfaces/msg/Field";

  std::string name;
  FieldType type;
  std::string default_value;

  friend bool operator==(const Field&, const Field&) = default;
};
BOOST_DESCRIBE_STRUCT(Field, (), (name, type, default_value))

struct IndividualTypeDescription {
  static constexpr std::string_view kRosName = "type_description_interfaces/msg/IndividualTypeDescription";

  core::FixedString<256> type_name;
  std::vector<Field> fields;

  friend bool operator==(const IndividualTypeDescription&, const IndividualTypeDescription&) = default;
};
BOOST_DESCRIBE_STRUCT(IndividualTypeDescription, (), (type_name, fields))

struct KeyValue {
  static constexpr std::string_view kRosName = "type_description_interfaces/msg/KeyValue";

  std::string key;
  std::string value;

  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};
BOOST_DESCRIBE_STRUCT(KeyValue, (), (key, value))

struct TypeDescription {
  static constexpr std::string_view kRosName = "type_description_interfaces/msg/TypeDescription";

  IndividualTypeDescription type_description;
  std::vector<IndividualTypeDescription> referenced_type_descriptions;

  friend bool operator==(const TypeDescription&, const TypeDescription&) = default;
};
BOOST_DESCRIBE_STRUCT(TypeDescription, (), (type_description, referenced_type_descriptions))

struct TypeSource {
  static constexpr std::string_view kRosName = "type_description_interfaces/msg/TypeSource";

  std::string type_name;
  std::string encoding;
  std::string raw_file_contents;

  friend bool operator==(const TypeSource&, const TypeSource&) = default;
};
BOOST_DESCRIBE_STRUCT(TypeSource, (), (type_name, encoding, raw_file_contents))

struct GetTypeDescription {
  static constexpr std::string_view kRosName = "type_description_interfaces/srv/GetTypeDescription";

  struct Request {
    static constexpr std::string_view kRosName = "type_description_interfaces/srv/GetTypeDescription_Request";

    std::string type_name;
    std::string type_hash;
    bool include_type_sources{true};

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "type_description_interfaces/srv/GetTypeDescription_Response";

    bool successful{false};
    std::string failure_reason;
    TypeDescription type_description;
    std::vector<TypeSource> type_sources;
    std::vector<KeyValue> extra_information;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(GetTypeDescription::Request, (), (type_name, type_hash, include_type_sources))
BOOST_DESCRIBE_STRUCT(GetTypeDescription::Response, (),
                      (successful, failure_reason, type_description, type_sources, extra_information))

}  // namespace takt::type_description_interfaces
