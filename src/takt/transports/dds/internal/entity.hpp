#pragma once

#include <string>

#include <dds/dds.h>

namespace takt::dds {

/// Owns one entity of Cyclone DDS, and deletes it. Deleting returns when its listener does not run any more; whoever
/// deletes must not hold what the listener waits for.
class Entity {
 public:
  /// @param made  What a dds_create_ function returned. @throws SystemError with `what` and the reason when it failed.
  Entity(dds_entity_t made, const std::string& what);
  ~Entity() { dds_delete(handle_); }
  Entity(const Entity&) = delete;
  Entity& operator=(const Entity&) = delete;

  [[nodiscard]] dds_entity_t get() const noexcept { return handle_; }

 private:
  dds_entity_t handle_;
};

}  // namespace takt::dds
