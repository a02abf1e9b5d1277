#include <cstdio>

#include "takt/robots/models/models.hpp"
#include "takt/robots/sim/mujoco_world.hpp"

int main() {
  const auto fr3 = takt::robots::models::find_model("fr3");
  if (!fr3) {
    return 1;
  }
  takt::robots::sim::MujocoWorld world(*fr3);
  for (int i = 0; i < 10; ++i) {
    world.step(world.gravity_torque_nm());
  }
  std::printf("dof %zu %s\n", world.dof(), world.diverged() ? "diverged" : "stands");
}
