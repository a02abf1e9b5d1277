#pragma once

#include "comparison.hpp"
#include "futex_peer.hpp"
#include "python_peer.hpp"
#include "result.hpp"

/// What `async_bench` asks: one function per question, each in its own file, each adds its figures and notes.
namespace takt::bench {

void ask_tasks(Result& result, PythonPeer& python);
void ask_sleepers(Result& result);
void ask_wake(Result& result, PythonPeer& python);
void ask_lateness(Result& result, PythonPeer& python);
void ask_round_trip(Result& result, PythonPeer& python);
void ask_isolate(Result& result, FutexPeer& child);
void ask_crash(Result& result);
void ask_origin_claim(Result& result, PythonPeer& python);
void ask_watch(Result& result);

}  // namespace takt::bench
