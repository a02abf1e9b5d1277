#include "takt/messages/interfaces/dynamic_type.hpp"

#include <bit>
#include <utility>

#include "takt/messages/cdr.hpp"
#include "takt/messages/interfaces/internal/dynamic_plan.hpp"

namespace takt::messages {

struct DynamicType::Plan {
  internal::DynamicTypes types;
};

Expected<DynamicType, std::string> DynamicType::from(const type_description_interfaces::TypeDescription& description,
                                                     std::string_view name) {
  auto planned = internal::plan_types(description, name);
  if (!planned) {
    return Unexpected(std::move(planned.error()));
  }
  return DynamicType(std::make_shared<const Plan>(std::move(*planned)));
}

Expected<std::string, DecodeError> DynamicType::json_from_cdr(std::span<const std::byte> message) const {
  MaybeError error;
  CdrReader in(message, error);
  std::string json;
  if (!in.header() || !internal::read_struct(in, *plan_->types.root, json) || !in.end()) {
    return Unexpected(std::move(*error));
  }
  return json;
}

Expected<std::vector<std::byte>, DecodeError> DynamicType::cdr_from_json(std::string_view text) const {
  const auto document = JsonDocument::parse(text);
  if (!document) {
    return Unexpected(document.error());
  }
  const JsonValue root = document->root();
  CdrSizer sizer;
  if (auto error = internal::write_struct(sizer, *plan_->types.root, &root)) {
    return Unexpected(std::move(*error));
  }
  if (!sizer.countable()) {
    return Unexpected(cdr_too_long());
  }
  std::vector<std::byte> message(kCdrHeaderSize + sizer.size());
  message[1] = std::byte{std::endian::native == std::endian::little ? 1 : 0};
  CdrWriter out(message.data() + kCdrHeaderSize);
  if (auto error = internal::write_struct(out, *plan_->types.root, &root)) {
    return Unexpected(std::move(*error));  // the sizer has been through the same
  }
  return message;
}

const std::string& DynamicType::name() const noexcept {
  return plan_->types.type.name;
}

const Sha256& DynamicType::hash() const noexcept {
  return plan_->types.type.hash;
}

}  // namespace takt::messages
