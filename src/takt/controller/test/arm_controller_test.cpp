#include "takt/controller/test/refusals_contract.hpp"
#include "takt/controller/test/requests_contract.hpp"
#include "takt/controller/test/targets_contract.hpp"

namespace takt::controller::testing {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(InProcess, RequestsContract, InProcessRig);
INSTANTIATE_TYPED_TEST_SUITE_P(InProcess, TargetsContract, InProcessRig);
INSTANTIATE_TYPED_TEST_SUITE_P(InProcess, RefusalsContract, InProcessRig);

}  // namespace
}  // namespace takt::controller::testing
