#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// ROS 2's names on DDS. The prefix of a DDS topic says what it carries; types wear a namespace and an underscore.
namespace takt::dds {

/// "/a/b" -> "rt/a/b". @throws LogicError for a name that no ROS topic can have.
[[nodiscard]] std::string topic_to_dds(std::string_view name);
/// "/set" -> "rq/setRequest", where the clients write. @throws LogicError as topic_to_dds.
[[nodiscard]] std::string request_topic(std::string_view service);
/// "/set" -> "rr/setReply", where the servers write. @throws LogicError as topic_to_dds.
[[nodiscard]] std::string reply_topic(std::string_view service);

/// "std_msgs/msg/String" -> "std_msgs::msg::dds_::String_". @throws LogicError for an empty name or an empty part.
[[nodiscard]] std::string type_to_dds(std::string_view type);
/// The way back; a name that is not of that form comes back as it is.
[[nodiscard]] std::string type_from_dds(std::string_view type);

/// "std_srvs/srv/SetBool_Request", or _Response -> "std_srvs/srv/SetBool".
[[nodiscard]] std::string service_of_type(std::string_view type);

/// What a DDS topic is to ROS.
struct RosTopic {
  enum class Kind : std::uint8_t { kTopic, kRequest, kReply, kOther };
  Kind kind{Kind::kOther};
  std::string name;  ///< of the topic or service; of kOther the DDS name
  friend bool operator==(const RosTopic&, const RosTopic&) = default;
};
[[nodiscard]] RosTopic topic_from_dds(std::string_view topic);

}  // namespace takt::dds
