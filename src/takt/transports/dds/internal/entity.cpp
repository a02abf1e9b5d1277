#include "takt/transports/dds/internal/entity.hpp"

#include "takt/core/error.hpp"

namespace takt::dds {

Entity::Entity(dds_entity_t made, const std::string& what) : handle_(made) {
  if (made < 0) {
    throw SystemError("dds: " + what + ": " + dds_strretcode(-made));
  }
}

}  // namespace takt::dds
