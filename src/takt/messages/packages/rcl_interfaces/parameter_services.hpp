#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/packages/rcl_interfaces/parameters.hpp"

/// The services through which parameters are seen and set. Of the package rcl_interfaces of ROS 2.
namespace takt::rcl_interfaces {

struct DescribeParameters {
  static constexpr std::string_view kRosName = "rcl_interfaces/srv/DescribeParameters";

  struct Request {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/DescribeParameters_Request";

    std::vector<std::string> names;

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/DescribeParameters_Response";

    std::vector<ParameterDescriptor> descriptors;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(DescribeParameters::Request, (), (names))
BOOST_DESCRIBE_STRUCT(DescribeParameters::Response, (), (descriptors))

struct GetParameterTypes {
  static constexpr std::string_view kRosName = "rcl_interfaces/srv/GetParameterTypes";

  struct Request {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/GetParameterTypes_Request";

    std::vector<std::string> names;

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/GetParameterTypes_Response";

    std::vector<std::uint8_t> types;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(GetParameterTypes::Request, (), (names))
BOOST_DESCRIBE_STRUCT(GetParameterTypes::Response, (), (types))

struct GetParameters {
  static constexpr std::string_view kRosName = "rcl_interfaces/srv/GetParameters";

  struct Request {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/GetParameters_Request";

    std::vector<std::string> names;

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/GetParameters_Response";

    std::vector<ParameterValue> values;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(GetParameters::Request, (), (names))
BOOST_DESCRIBE_STRUCT(GetParameters::Response, (), (values))

struct ListParameters {
  static constexpr std::string_view kRosName = "rcl_interfaces/srv/ListParameters";

  struct Request {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/ListParameters_Request";
    static constexpr std::uint64_t DEPTH_RECURSIVE = 0U;

    std::vector<std::string> prefixes;
    std::uint64_t depth{0};

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/ListParameters_Response";

    ListParametersResult result;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(ListParameters::Request, (), (DEPTH_RECURSIVE, prefixes, depth))
BOOST_DESCRIBE_STRUCT(ListParameters::Response, (), (result))

struct SetParameters {
  static constexpr std::string_view kRosName = "rcl_interfaces/srv/SetParameters";

  struct Request {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/SetParameters_Request";

    std::vector<Parameter> parameters;

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/SetParameters_Response";

    std::vector<SetParametersResult> results;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(SetParameters::Request, (), (parameters))
BOOST_DESCRIBE_STRUCT(SetParameters::Response, (), (results))

struct SetParametersAtomically {
  static constexpr std::string_view kRosName = "rcl_interfaces/srv/SetParametersAtomically";

  struct Request {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/SetParametersAtomically_Request";

    std::vector<Parameter> parameters;

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "rcl_interfaces/srv/SetParametersAtomically_Response";

    SetParametersResult result;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(SetParametersAtomically::Request, (), (parameters))
BOOST_DESCRIBE_STRUCT(SetParametersAtomically::Response, (), (result))

}  // namespace takt::rcl_interfaces
