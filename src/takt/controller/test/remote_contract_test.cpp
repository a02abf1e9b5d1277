#include "takt/controller/test/remote_rig.hpp"
#include "takt/controller/test/requests_contract.hpp"
#include "takt/controller/test/targets_contract.hpp"

namespace takt::controller::testing {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(Remote, RequestsContract, RemoteRig);
INSTANTIATE_TYPED_TEST_SUITE_P(Remote, TargetsContract, RemoteRig);

}  // namespace
}  // namespace takt::controller::testing
