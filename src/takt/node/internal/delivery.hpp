#pragma once

#include <cstdint>

namespace takt::node {

/// Where and when a handler runs.
enum class Delivery : std::uint8_t {
  kSequential,  ///< on the loop, one after the other: what comes meanwhile waits in the history
  kConcurrent,  ///< on the loop, up to max_concurrent at once
  kInline,      ///< on the thread that brings the message, while its publisher waits: plain functions only. Several
                ///< publishers may be in it at once. From when the node is entered; it must not destroy its node there
                ///< before that. After 256 messages in a row a transport's thread leaves the next row to the loop, so
                ///< that other endpoints have their turn
};

}  // namespace takt::node
