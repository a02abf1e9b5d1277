// A policy on a GPU that never holds up the event loop: one thread owns the CUDA context, and a 1 kHz task shows that
// it does not notice. Built where the CUDA toolkit is found, run where there is a GPU (exit 77 where there is none).

#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <cuda.h>
#include <nvrtc.h>

#include "takt/async.hpp"

using namespace takt::async;
using namespace std::chrono_literals;

namespace {

constexpr int kObservation = 32;
constexpr int kAction = 7;
constexpr int kNoGpu = 77;

using Observation = std::array<float, kObservation>;
using Action = std::array<float, kAction>;

// One layer, action = tanh(W · observation), with W_ij = sin(i + j): small, and easy to check.
constexpr const char* kPolicySource = R"(
extern "C" __global__ void policy(const float* observation, float* action, int n) {
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) { sum += sinf((float)(threadIdx.x + j)) * observation[j]; }
  action[threadIdx.x] = tanhf(sum);
})";

void check(CUresult result, const char* what) {
  if (result != CUDA_SUCCESS) {
    const char* text = nullptr;
    cuGetErrorString(result, &text);
    throw std::runtime_error(std::string(what) + ": " + (text != nullptr ? text : "unknown CUDA error"));
  }
}

void check(nvrtcResult result, const char* what) {
  if (result != NVRTC_SUCCESS) {
    throw std::runtime_error(std::string(what) + ": " + nvrtcGetErrorString(result));
  }
}

std::vector<char> compile_policy() {
  nvrtcProgram program = nullptr;
  check(nvrtcCreateProgram(&program, kPolicySource, "policy.cu", 0, nullptr, nullptr), "nvrtcCreateProgram");
  check(nvrtcCompileProgram(program, 0, nullptr), "nvrtcCompileProgram");
  std::size_t size = 0;
  check(nvrtcGetPTXSize(program, &size), "nvrtcGetPTXSize");
  std::vector<char> ptx(size);
  check(nvrtcGetPTX(program, ptx.data()), "nvrtcGetPTX");
  nvrtcDestroyProgram(&program);
  return ptx;
}

/// Made, used and destroyed on the inference thread: the context is current there and nowhere else.
class GpuPolicy {
 public:
  GpuPolicy() {
    CUdevice device = 0;
    check(cuDeviceGet(&device, 0), "cuDeviceGet");
    check(cuDevicePrimaryCtxRetain(&context_, device), "cuDevicePrimaryCtxRetain");
    check(cuCtxSetCurrent(context_), "cuCtxSetCurrent");
    check(cuModuleLoadData(&module_, compile_policy().data()), "cuModuleLoadData");
    check(cuModuleGetFunction(&kernel_, module_, "policy"), "cuModuleGetFunction");
    check(cuMemAlloc(&observation_, sizeof(Observation)), "cuMemAlloc");
    check(cuMemAlloc(&action_, sizeof(Action)), "cuMemAlloc");
    static_cast<void>(infer({}));  // the first launch is the slow one
  }

  [[nodiscard]] Action infer(const Observation& observation) {
    check(cuMemcpyHtoD(observation_, observation.data(), sizeof(observation)), "cuMemcpyHtoD");
    int n = kObservation;
    std::array<void*, 3> arguments{&observation_, &action_, &n};
    check(cuLaunchKernel(kernel_, 1, 1, 1, kAction, 1, 1, 0, nullptr, arguments.data(), nullptr), "cuLaunchKernel");
    Action action{};
    check(cuMemcpyDtoH(action.data(), action_, sizeof(action)), "cuMemcpyDtoH");
    return action;
  }

 private:
  CUcontext context_{};
  CUmodule module_{};
  CUfunction kernel_{};
  CUdeviceptr observation_{};
  CUdeviceptr action_{};
};

[[nodiscard]] float expected(const Observation& observation, int i) {
  float sum = 0.0F;
  for (int j = 0; j < kObservation; ++j) {
    sum += std::sin(static_cast<float>(i + j)) * observation[static_cast<std::size_t>(j)];
  }
  return std::tanh(sum);
}

Task<void> beat(std::uint64_t* missed) {
  for (auto tick : every(1ms)) {
    *missed += (co_await tick).missed;
  }
}

Task<void> app() {
  std::unique_ptr<GpuPolicy> policy;
  InferenceThread gpu({.name = "cuda", .initialize = [&] { policy = std::make_unique<GpuPolicy>(); }});
  co_await gpu.start();
  std::uint64_t missed = 0;
  float worst = 0.0F;
  co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
    nursery.start("beat", beat(&missed));
    auto tick = every(20ms);
    for (int step = 0; step < 100; ++step) {
      co_await tick;
      Observation observation{};
      observation.fill(0.01F * static_cast<float>(step));
      const Action action = co_await gpu.run([&] { return policy->infer(observation); });
      for (int i = 0; i < kAction; ++i) {
        worst = std::max(worst, std::abs(action[static_cast<std::size_t>(i)] - expected(observation, i)));
      }
    }
    co_return kCancel;
  });
  co_await gpu.run([&] { policy.reset(); });
  co_await gpu.stop();
  std::printf("100 inferences, largest error %.2g; the 1 kHz task missed %llu of 2000 ticks\n",
              static_cast<double>(worst), static_cast<unsigned long long>(missed));
  if (worst > 1e-3F) {
    throw std::runtime_error("the GPU computes something else");
  }
}

}  // namespace

int main() {
  int devices = 0;
  if (cuInit(0) != CUDA_SUCCESS || cuDeviceGetCount(&devices) != CUDA_SUCCESS || devices == 0) {
    std::puts("no GPU here");
    return kNoGpu;
  }
  return run(app());
}
