#include "takt/messages/ros_name.hpp"

namespace takt::messages {
namespace {

struct SetBool {
  static constexpr std::string_view kRosName = "std_srvs/srv/SetBool";
};

static_assert(kRosNameWith<SetBool, "_Event"> == "std_srvs/srv/SetBool_Event");
static_assert(kRosNameWith<SetBool, ""> == "std_srvs/srv/SetBool");

}  // namespace
}  // namespace takt::messages
