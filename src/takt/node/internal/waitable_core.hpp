#pragma once

#include <memory>
#include <string>

#include "takt/node/internal/bells.hpp"
#include "takt/node/internal/entity.hpp"
#include "takt/node/internal/failures.hpp"
#include "takt/node/waitable.hpp"

/// Internal to node.
namespace takt::node::internal {

/// What an Attachment is made of. Shares the waitable with whoever made it.
class WaitableCore final : public Entity {
 public:
  WaitableCore(std::shared_ptr<NodeCore> node, const std::string& name, std::shared_ptr<Waitable> waitable,
               const WaitableOptions& options);

  [[nodiscard]] bool drains() const noexcept override { return true; }
  void begin_drain() noexcept override;

 private:
  async::Task<void> run() override;
  void close() noexcept override;

  std::shared_ptr<Waitable> waitable_;
  const WaitableOptions options_;
  Failures failures_;
  bool draining_{false};
  Bells ready_;
};

}  // namespace takt::node::internal
