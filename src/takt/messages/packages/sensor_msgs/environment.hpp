#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/packages/builtin_interfaces.hpp"
#include "takt/messages/packages/geometry_msgs/values.hpp"
#include "takt/messages/packages/std_msgs/header.hpp"

/// Motion, position, weather and power. SI units. Of the package sensor_msgs of ROS 2.
namespace takt::sensor_msgs {

struct BatteryState {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/BatteryState";
  static constexpr std::uint8_t POWER_SUPPLY_STATUS_UNKNOWN = 0;
  static constexpr std::uint8_t POWER_SUPPLY_STATUS_CHARGING = 1;
  static constexpr std::uint8_t POWER_SUPPLY_STATUS_DISCHARGING = 2;
  static constexpr std::uint8_t POWER_SUPPLY_STATUS_NOT_CHARGING = 3;
  static constexpr std::uint8_t POWER_SUPPLY_STATUS_FULL = 4;
  static constexpr std::uint8_t POWER_SUPPLY_HEALTH_UNKNOWN = 0;
  static constexpr std::uint8_t POWER_SUPPLY_HEALTH_GOOD = 1;
  static constexpr std::uint8_t POWER_SUPPLY_HEALTH_OVERHEAT = 2;
  static constexpr std::uint8_t POWER_SUPPLY_HEALTH_DEAD = 3;
  static constexpr std::uint8_t POWER_SUPPLY_HEALTH_OVERVOLTAGE = 4;
  static constexpr std::uint8_t POWER_SUPPLY_HEALTH_UNSPEC_FAILURE = 5;
  static constexpr std::uint8_t POWER_SUPPLY_HEALTH_COLD = 6;
  static constexpr std::uint8_t POWER_SUPPLY_HEALTH_WATCHDOG_TIMER_EXPIRE = 7;
  static constexpr std::uint8_t POWER_SUPPLY_HEALTH_SAFETY_TIMER_EXPIRE = 8;
  static constexpr std::uint8_t POWER_SUPPLY_TECHNOLOGY_UNKNOWN = 0;
  static constexpr std::uint8_t POWER_SUPPLY_TECHNOLOGY_NIMH = 1;
  static constexpr std::uint8_t POWER_SUPPLY_TECHNOLOGY_LION = 2;
  static constexpr std::uint8_t POWER_SUPPLY_TECHNOLOGY_LIPO = 3;
  static constexpr std::uint8_t POWER_SUPPLY_TECHNOLOGY_LIFE = 4;
  static constexpr std::uint8_t POWER_SUPPLY_TECHNOLOGY_NICD = 5;
  static constexpr std::uint8_t POWER_SUPPLY_TECHNOLOGY_LIMN = 6;
  static constexpr std::uint8_t POWER_SUPPLY_TECHNOLOGY_TERNARY = 7;
  static constexpr std::uint8_t POWER_SUPPLY_TECHNOLOGY_VRLA = 8;

  std_msgs::Header header;
  float voltage{0.0F};
  float temperature{0.0F};
  float current{0.0F};
  float charge{0.0F};
  float capacity{0.0F};
  float design_capacity{0.0F};
  float percentage{0.0F};
  std::uint8_t power_supply_status{0};
  std::uint8_t power_supply_health{0};
  std::uint8_t power_supply_technology{0};
  bool present{false};
  std::vector<float> cell_voltage;
  std::vector<float> cell_temperature;
  std::string location;
  std::string serial_number;

  friend bool operator==(const BatteryState&, const BatteryState&) = default;
};
BOOST_DESCRIBE_STRUCT(BatteryState, (),
                      (POWER_SUPPLY_STATUS_UNKNOWN, POWER_SUPPLY_STATUS_CHARGING, POWER_SUPPLY_STATUS_DISCHARGING,
                       POWER_SUPPLY_STATUS_NOT_CHARGING, POWER_SUPPLY_STATUS_FULL, POWER_SUPPLY_HEALTH_UNKNOWN,
                       POWER_SUPPLY_HEALTH_GOOD, POWER_SUPPLY_HEALTH_OVERHEAT, POWER_SUPPLY_HEALTH_DEAD,
                       POWER_SUPPLY_HEALTH_OVERVOLTAGE, POWER_SUPPLY_HEALTH_UNSPEC_FAILURE, POWER_SUPPLY_HEALTH_COLD,
                       POWER_SUPPLY_HEALTH_WATCHDOG_TIMER_EXPIRE, POWER_SUPPLY_HEALTH_SAFETY_TIMER_EXPIRE,
                       POWER_SUPPLY_TECHNOLOGY_UNKNOWN, POWER_SUPPLY_TECHNOLOGY_NIMH, POWER_SUPPLY_TECHNOLOGY_LION,
                       POWER_SUPPLY_TECHNOLOGY_LIPO, POWER_SUPPLY_TECHNOLOGY_LIFE, POWER_SUPPLY_TECHNOLOGY_NICD,
                       POWER_SUPPLY_TECHNOLOGY_LIMN, POWER_SUPPLY_TECHNOLOGY_TERNARY, POWER_SUPPLY_TECHNOLOGY_VRLA,
                       header, voltage, temperature, current, charge, capacity, design_capacity, percentage,
                       power_supply_status, power_supply_health, power_supply_technology, present, cell_voltage,
                       cell_temperature, location, serial_number))

struct FluidPressure {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/FluidPressure";

  std_msgs::Header header;
  double fluid_pressure{0.0};
  double variance{0.0};

  friend bool operator==(const FluidPressure&, const FluidPressure&) = default;
};
BOOST_DESCRIBE_STRUCT(FluidPressure, (), (header, fluid_pressure, variance))

struct Illuminance {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/Illuminance";

  std_msgs::Header header;
  double illuminance{0.0};
  double variance{0.0};

  friend bool operator==(const Illuminance&, const Illuminance&) = default;
};
BOOST_DESCRIBE_STRUCT(Illuminance, (), (header, illuminance, variance))

struct Imu {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/Imu";

  std_msgs::Header header;
  geometry_msgs::Quaternion orientation;
  std::array<double, 9> orientation_covariance{};
  geometry_msgs::Vector3 angular_velocity;
  std::array<double, 9> angular_velocity_covariance{};
  geometry_msgs::Vector3 linear_acceleration;
  std::array<double, 9> linear_acceleration_covariance{};

  friend bool operator==(const Imu&, const Imu&) = default;
};
BOOST_DESCRIBE_STRUCT(Imu, (),
                      (header, orientation, orientation_covariance, angular_velocity, angular_velocity_covariance,
                       linear_acceleration, linear_acceleration_covariance))

struct MagneticField {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/MagneticField";

  std_msgs::Header header;
  geometry_msgs::Vector3 magnetic_field;
  std::array<double, 9> magnetic_field_covariance{};

  friend bool operator==(const MagneticField&, const MagneticField&) = default;
};
BOOST_DESCRIBE_STRUCT(MagneticField, (), (header, magnetic_field, magnetic_field_covariance))

struct NavSatStatus {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/NavSatStatus";
  static constexpr std::int8_t STATUS_UNKNOWN = -2;
  static constexpr std::int8_t STATUS_NO_FIX = -1;
  static constexpr std::int8_t STATUS_FIX = 0;
  static constexpr std::int8_t STATUS_SBAS_FIX = 1;
  static constexpr std::int8_t STATUS_GBAS_FIX = 2;
  static constexpr std::uint16_t SERVICE_UNKNOWN = 0;
  static constexpr std::uint16_t SERVICE_GPS = 1;
  static constexpr std::uint16_t SERVICE_GLONASS = 2;
  static constexpr std::uint16_t SERVICE_COMPASS = 4;
  static constexpr std::uint16_t SERVICE_GALILEO = 8;

  std::int8_t status{-2};
  std::uint16_t service{0};

  friend bool operator==(const NavSatStatus&, const NavSatStatus&) = default;
};
BOOST_DESCRIBE_STRUCT(NavSatStatus, (),
                      (STATUS_UNKNOWN, STATUS_NO_FIX, STATUS_FIX, STATUS_SBAS_FIX, STATUS_GBAS_FIX, SERVICE_UNKNOWN,
                       SERVICE_GPS, SERVICE_GLONASS, SERVICE_COMPASS, SERVICE_GALILEO, status, service))

struct NavSatFix {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/NavSatFix";
  static constexpr std::uint8_t COVARIANCE_TYPE_UNKNOWN = 0;
  static constexpr std::uint8_t COVARIANCE_TYPE_APPROXIMATED = 1;
  static constexpr std::uint8_t COVARIANCE_TYPE_DIAGONAL_KNOWN = 2;
  static constexpr std::uint8_t COVARIANCE_TYPE_KNOWN = 3;

  std_msgs::Header header;
  NavSatStatus status;
  double latitude{0.0};
  double longitude{0.0};
  double altitude{0.0};
  std::array<double, 9> position_covariance{};
  std::uint8_t position_covariance_type{0};

  friend bool operator==(const NavSatFix&, const NavSatFix&) = default;
};
BOOST_DESCRIBE_STRUCT(NavSatFix, (),
                      (COVARIANCE_TYPE_UNKNOWN, COVARIANCE_TYPE_APPROXIMATED, COVARIANCE_TYPE_DIAGONAL_KNOWN,
                       COVARIANCE_TYPE_KNOWN, header, status, latitude, longitude, altitude, position_covariance,
                       position_covariance_type))

struct RelativeHumidity {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/RelativeHumidity";

  std_msgs::Header header;
  double relative_humidity{0.0};
  double variance{0.0};

  friend bool operator==(const RelativeHumidity&, const RelativeHumidity&) = default;
};
BOOST_DESCRIBE_STRUCT(RelativeHumidity, (), (header, relative_humidity, variance))

struct Temperature {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/Temperature";

  std_msgs::Header header;
  double temperature{0.0};
  double variance{0.0};

  friend bool operator==(const Temperature&, const Temperature&) = default;
};
BOOST_DESCRIBE_STRUCT(Temperature, (), (header, temperature, variance))

struct TimeReference {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/TimeReference";

  std_msgs::Header header;
  builtin_interfaces::Time time_ref;
  std::string source;

  friend bool operator==(const TimeReference&, const TimeReference&) = default;
};
BOOST_DESCRIBE_STRUCT(TimeReference, (), (header, time_ref, source))

}  // namespace takt::sensor_msgs
