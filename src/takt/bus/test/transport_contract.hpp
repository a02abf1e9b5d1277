#pragma once

/// The contract of bus::Transport as tests, for every implementation: a test program includes this and says
///
///     INSTANTIATE_TEST_SUITE_P(Zmq, TransportContract, testing::Values(RigMaker{"Tcp", make_tcp_rig}), name_of);
///
/// in namespace takt::bus::test. Each test asks for the capabilities it needs first and is skipped without them.
#include "takt/bus/test/lifetime_contract.hpp"
#include "takt/bus/test/matching_contract.hpp"
#include "takt/bus/test/pressure_contract.hpp"
#include "takt/bus/test/request_contract.hpp"
#include "takt/bus/test/topic_contract.hpp"
#include "takt/bus/test/transport_rig.hpp"
