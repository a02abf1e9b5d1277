#include "takt/transports/dds/internal/wire_headers.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace takt::dds {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> result;
  std::ranges::transform(values, std::back_inserter(result), [](int value) { return static_cast<std::byte>(value); });
  return result;
}

std::vector<std::byte> operator+(std::vector<std::byte> a, const std::vector<std::byte>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// DATA, little endian, inline QoS directly behind the fixed part; the fixed fields in the order of this host, which is
/// little endian too where this test was written.
std::vector<std::byte> data(int flags, int kind = 0x15) {
  return bytes({kind, flags, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 42, 0, 0, 0});
}
const std::vector<std::byte> kGuid = bytes({1, 15, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 2, 4});
const std::vector<std::byte> kSentinel = bytes({1, 0, 0, 0});

SampleIdentity identity(std::int64_t sequence) {
  SampleIdentity result{.endpoint = {}, .sequence = sequence};
  std::ranges::transform(kGuid, result.endpoint.begin(), [](std::byte b) { return static_cast<std::uint8_t>(b); });
  return result;
}

TEST(DataHeader, CarriesTheSequenceNumber) {
  const auto header = read_data_header(data(0x05));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->sequence, 42);
  EXPECT_FALSE(header->related);
  EXPECT_EQ(read_data_header(data(0x05, 0x16))->sequence, 42);
}

TEST(DataHeader, TheRelatedSampleIsReadFromTheInlineQosOfFastDds) {
  const auto message = data(0x07) + bytes({0x70, 0, 4, 0, 9, 9, 9, 9}) + bytes({0x0f, 0x80, 24, 0}) + kGuid +
                       bytes({1, 0, 0, 0, 7, 0, 0, 0}) + kSentinel;
  const auto header = read_data_header(message);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->related, identity((std::int64_t{1} << 32U) + 7));
}

TEST(DataHeader, TheStandardsNumberIsReadAsWellAndBigEndianToo) {
  const auto message =
      data(0x06) + bytes({0, 0x83, 0, 24}) + kGuid + bytes({0, 0, 0, 0, 0, 0, 0, 9}) + bytes({0, 1, 0, 0});
  const auto header = read_data_header(message);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->related, identity(9));
}

TEST(DataHeader, DamagedInlineQosHasNoRelatedSample) {
  const auto parameter = bytes({0x0f, 0x80, 24, 0}) + kGuid + bytes({0, 0, 0, 0, 7, 0, 0, 0});
  for (std::size_t size = 0; size < parameter.size(); ++size) {
    const auto header = read_data_header(data(0x07) + std::vector(parameter.begin(), parameter.begin() + size));
    ASSERT_TRUE(header);
    EXPECT_FALSE(header->related) << size;
  }
  EXPECT_FALSE(read_data_header(data(0x07) + kSentinel + parameter)->related);  // what follows the end
  EXPECT_FALSE(read_data_header(data(0x05) + parameter)->related);              // not announced
  auto beyond = data(0x07) + parameter;
  beyond[6] = std::byte{0xff};
  beyond[7] = std::byte{0xff};
  EXPECT_FALSE(read_data_header(beyond)->related);
}

TEST(DataHeader, OtherSubmessagesAndShortOnesAreNone) {
  EXPECT_FALSE(read_data_header({}));
  EXPECT_FALSE(read_data_header(data(0x05, 0x07)));
  const auto whole = data(0x05);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_data_header(std::span(whole).first(size))) << size;
  }
}

TEST(ServiceHeader, StandsBehindTheEncapsulationInItsByteOrder) {
  const ServiceHeader header{.client = 0x0102030405060708, .sequence = 9};
  const auto little = bytes({0, 1, 0, 0});
  const auto written = write_service_header(header, little);
  EXPECT_EQ(std::vector(written.begin(), written.end()), bytes({8, 7, 6, 5, 4, 3, 2, 1, 9, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(read_service_header(little + std::vector(written.begin(), written.end())), header);
  const auto big = bytes({0, 0, 0, 0});
  const auto swapped = write_service_header(header, big);
  EXPECT_EQ(std::vector(swapped.begin(), swapped.end()), bytes({1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 9}));
  EXPECT_EQ(read_service_header(big + std::vector(swapped.begin(), swapped.end())), header);
}

TEST(ServiceHeader, AShortMessageHasNone) {
  const auto message = bytes({0, 1, 0, 0}) + std::vector(16, std::byte{0});
  EXPECT_TRUE(read_service_header(message));
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_FALSE(read_service_header(std::span(message).first(size))) << size;
  }
}

}  // namespace
}  // namespace takt::dds
