#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/node/graph.hpp"

/// What list and info commands say of a graph, as JSON has it.
namespace takt::app {

struct NameReport {
  std::string name;
  std::vector<std::string> types;  ///< one, unless programs disagree
};
BOOST_DESCRIBE_STRUCT(NameReport, (), (name, types))

struct EndpointReport {
  std::string node;
  std::string type;
  std::string hash;
  std::string reliability;
  std::string durability;
  std::uint32_t depth{0};
  std::string id;  ///< of what it sends, in hexadecimal digits
};
BOOST_DESCRIBE_STRUCT(EndpointReport, (), (node, type, hash, reliability, durability, depth, id))

/// Names that people do not see unless they ask: a part of them begins with '_'.
[[nodiscard]] bool is_hidden(std::string_view name);

[[nodiscard]] std::vector<NameReport> reports_of(const node::Graph::NamesAndTypes& names, bool hidden);
[[nodiscard]] EndpointReport report_of(const bus::EndpointInfo& endpoint);
[[nodiscard]] std::vector<EndpointReport> reports_of(const std::vector<bus::EndpointInfo>& endpoints);

/// "std_msgs/msg/String, …"
[[nodiscard]] std::string types_text(const NameReport& report);

/// A name per line, with its types on request; or one line of JSON.
void print_names(const std::vector<NameReport>& names, bool types, bool json);

}  // namespace takt::app
