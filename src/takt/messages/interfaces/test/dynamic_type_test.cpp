#include "takt/messages/interfaces/dynamic_type.hpp"

#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "takt/messages/cdr.hpp"
#include "takt/messages/interfaces/known_types.hpp"
#include "takt/messages/packages/geometry_msgs.hpp"
#include "takt/messages/packages/std_msgs.hpp"

namespace takt::messages {
namespace {

using type_description_interfaces::Field;
using type_description_interfaces::FieldType;
using type_description_interfaces::TypeDescription;

DynamicType dynamic_type(const KnownType& type) {
  auto made = DynamicType::from(type.type().description);
  EXPECT_TRUE(made) << type.name << ": " << made.error();
  return std::move(*made);
}

std::vector<const KnownType*> shipped_messages() {
  std::vector<const KnownType*> messages;
  for (const KnownType& type : known_types()) {
    if (type.cdr_from_json != nullptr) {
      messages.push_back(&type);
    }
  }
  return messages;
}

/// Bytes that a message could begin with: zeros and small numbers mostly, so that lengths make sense now and then.
std::vector<std::byte> random_bytes(std::mt19937_64& random) {
  std::vector<std::byte> bytes(120);
  for (std::byte& byte : bytes) {
    const std::uint64_t kind = random() % 8;
    byte = static_cast<std::byte>(kind == 0 ? random() : kind == 1 ? random() % 4 : 0);
  }
  bytes[0] = std::byte{0};
  bytes[1] = static_cast<std::byte>(random() % 2);
  return bytes;
}

/// Whether both take the bytes; they take, show and write them alike.
bool take_alike(const DynamicType& type, const KnownType& known, std::span<const std::byte> bytes) {
  const auto json = type.json_from_cdr(bytes);
  const auto expected = known.json_from_cdr(bytes);
  EXPECT_EQ(json.has_value(), expected.has_value()) << known.name;
  EXPECT_TRUE(json || !json.error().what.empty()) << known.name;
  if (!json || !expected) {
    return false;
  }
  EXPECT_EQ(*json, *expected) << known.name;
  EXPECT_EQ(type.cdr_from_json(*json), *known.cdr_from_json(*json)) << known.name;
  return true;
}

TypeDescription one_member(std::uint8_t type_id, std::uint64_t capacity = 0) {
  TypeDescription description;
  description.type_description.type_name = "a_pkg/msg/A";
  Field& field = description.type_description.fields.emplace_back();
  field.name = "a";
  field.type.type_id = type_id;
  field.type.capacity = capacity;
  return description;
}

std::string refusal(const TypeDescription& description) {
  const auto made = DynamicType::from(description);
  return made ? "" : made.error();
}

TEST(DynamicTypeTest, ReadsAndWritesEveryShippedTypeAsTheDeclaredStructDoes) {
  for (const KnownType* known : shipped_messages()) {
    const DynamicType type = dynamic_type(*known);
    EXPECT_EQ(type.hash(), known->type().hash) << known->name;
    EXPECT_EQ(type.name(), known->name);
    const auto bytes = known->cdr_from_json("{}");
    ASSERT_EQ(type.cdr_from_json("{}"), *bytes) << known->name;
    const auto json = known->json_from_cdr(*bytes);
    ASSERT_EQ(type.json_from_cdr(*bytes), *json) << known->name;
    ASSERT_EQ(type.cdr_from_json(*json), *bytes) << known->name;
  }
}

TEST(DynamicTypeTest, TakesAndRefusesRandomBytesOfEveryShippedTypeAsTheDeclaredStructDoes) {
  std::mt19937_64 random{5};
  int taken = 0;
  for (const KnownType* known : shipped_messages()) {
    const DynamicType type = dynamic_type(*known);
    for (int i = 0; i < 10; ++i) {
      const auto bytes = random_bytes(random);
      for (std::size_t size = 4; size <= bytes.size() && !HasFailure(); ++size) {
        taken += take_alike(type, *known, std::span(bytes).first(size)) ? 1 : 0;
      }
    }
  }
  EXPECT_GT(taken, 1000);
}

TEST(DynamicTypeTest, AMessageInsideOfAServiceIsFoundByItsName) {
  const auto type =
      DynamicType::from(find_known_type("std_srvs/srv/SetBool")->type().description, "std_srvs/srv/SetBool_Request");
  ASSERT_TRUE(type) << type.error();
  EXPECT_EQ(type->hash(), find_known_type("std_srvs/srv/SetBool_Request")->type().hash);
  EXPECT_EQ(type->json_from_cdr(*type->cdr_from_json(R"({"data":true})")), R"({"data":true})");
}

TEST(DynamicTypeTest, WhatCannotBeWrittenIsSaidWithItsPlace) {
  const DynamicType type = dynamic_type(*find_known_type("geometry_msgs/msg/PoseStamped"));
  const auto path_of = [&](const char* json) {
    const auto bytes = type.cdr_from_json(json);
    return bytes ? "none" : bytes.error().path;
  };
  EXPECT_EQ(path_of(R"({"pose": {"position": {"x": "far"}}})"), "pose.position.x");
  EXPECT_EQ(path_of(R"({"pose": {"positon": {}}})"), "pose.positon") << "a misspelled member";
  EXPECT_EQ(path_of(R"({"pose": 1})"), "pose");
  EXPECT_EQ(path_of(R"({"header": {"stamp": {"sec": 3000000000}}})"), "header.stamp.sec");
  EXPECT_EQ(path_of("[]"), "");
  EXPECT_EQ(path_of("{"), "");
}

TEST(DynamicTypeTest, ADefaultThatCannotBeReadCountsAsNone) {
  auto description = one_member(FieldType::FIELD_TYPE_INT8);
  description.type_description.fields[0].default_value = "7";
  EXPECT_EQ(DynamicType::from(description)->cdr_from_json("{}")->back(), std::byte{7});
  description.type_description.fields[0].default_value = "700";
  EXPECT_EQ(DynamicType::from(description)->cdr_from_json("{}")->back(), std::byte{0});
}

TEST(DynamicTypeTest, WhatNoMessageCanBeIsRefused) {
  EXPECT_EQ(refusal(one_member(FieldType::FIELD_TYPE_DOUBLE)), "");
  for (const std::uint8_t type_id :
       {FieldType::FIELD_TYPE_NOT_SET, FieldType::FIELD_TYPE_WSTRING, FieldType::FIELD_TYPE_LONG_DOUBLE,
        FieldType::FIELD_TYPE_FIXED_STRING, std::uint8_t{23}, std::uint8_t{255}}) {
    EXPECT_NE(refusal(one_member(type_id)), "") << int{type_id};
  }
  EXPECT_NE(refusal({}), "");
  EXPECT_NE(refusal(one_member(FieldType::FIELD_TYPE_DOUBLE_ARRAY, 0)), "");
  EXPECT_NE(refusal(one_member(FieldType::FIELD_TYPE_DOUBLE_ARRAY, std::uint64_t{1} << 40U)), "");
  auto nameless = one_member(FieldType::FIELD_TYPE_DOUBLE);
  nameless.type_description.fields[0].name = "a\x1b[2J";
  EXPECT_NE(refusal(nameless), "");
}

TEST(DynamicTypeTest, ATypeInsideOfItselfOrWithoutDescriptionIsRefused) {
  auto description = one_member(FieldType::FIELD_TYPE_NESTED_TYPE);
  description.type_description.fields[0].type.nested_type_name = "a_pkg/msg/A";
  EXPECT_NE(refusal(description).find("inside of itself"), std::string::npos) << refusal(description);
  description.type_description.fields[0].type.nested_type_name = "a_pkg/msg/B";
  EXPECT_NE(refusal(description).find("a_pkg/msg/B"), std::string::npos) << refusal(description);
}

TEST(DynamicTypeTest, ATypeThatDoublesAtEachStepIsRefused) {
  const auto name_of = [](int i) { return core::FixedString<256>("a_pkg/msg/T" + std::to_string(i)); };
  TypeDescription description;
  for (int i = 0; i < 31; ++i) {
    auto& one = i == 0 ? description.type_description : description.referenced_type_descriptions.emplace_back();
    one.type_name = name_of(i);
    for (const char* name : {"a", "b"}) {
      Field& field = one.fields.emplace_back();
      field.name = name;
      field.type.type_id = i < 30 ? FieldType::FIELD_TYPE_NESTED_TYPE : FieldType::FIELD_TYPE_UINT8;
      field.type.nested_type_name = name_of(i + 1);
    }
  }
  EXPECT_NE(refusal(description).find("larger"), std::string::npos) << refusal(description);
}

}  // namespace
}  // namespace takt::messages
