#include "takt/transports/dds/internal/user_data.hpp"

#include <gtest/gtest.h>

namespace takt::dds {
namespace {

TEST(UserData, ValuesAreFoundByKey) {
  constexpr std::string_view kData = "serviceid= 1.10.a;typehash=RIHS01_x;empty=;last=end";
  EXPECT_EQ(user_data_value(kData, "serviceid"), " 1.10.a");
  EXPECT_EQ(user_data_value(kData, "empty"), "");
  EXPECT_EQ(user_data_value(kData, "last"), "end");
  EXPECT_EQ(user_data_value(kData, "service"), std::nullopt);
  EXPECT_EQ(user_data_value("", "serviceid"), std::nullopt);
  EXPECT_EQ(user_data_value(";;=;a", "a"), std::nullopt);
  EXPECT_EQ(user_data_value("a=1;a=2", "a"), "1");
}

TEST(UserData, ATypeHashIsWrittenAsRosWritesItAndReadBack) {
  TypeHash hash{};
  for (std::size_t i = 0; i < hash.size(); ++i) {
    hash[i] = static_cast<std::uint8_t>(7 * i + 1);
  }
  const std::string entry = type_hash_entry(hash);
  EXPECT_EQ(entry, "typehash=RIHS01_01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3da;");
  EXPECT_EQ(type_hash_in("clientid=x;" + entry), hash);
  EXPECT_EQ(type_hash_entry({}), "");
}

TEST(UserData, AHashThatCannotBeReadIsUnknown) {
  const std::string digits(64, '1');
  for (const std::string& data :
       {std::string(), "typehash=" + digits + ";", "typehash=RIHS02_" + digits + ";",
        "typehash=RIHS01_" + digits + "1;", "typehash=RIHS01_" + digits.substr(1) + ";",
        "typehash=RIHS01_" + digits.substr(1) + "g;", "typehash=RIHS01_+1" + digits.substr(2) + ";"}) {
    EXPECT_EQ(type_hash_in(data), TypeHash{}) << data;
  }
}

TEST(UserData, AServiceEndIsWrittenAsRmwCycloneddsWritesIt) {
  const Guid id = {0x01, 0x10, 0xab, 0x00, 0x5, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0, 0x2};
  EXPECT_EQ(service_id_text(id), " 1.10.ab.0.5.0.0.0.0.0.0.ff.0.0.0.2");
}

}  // namespace
}  // namespace takt::dds
