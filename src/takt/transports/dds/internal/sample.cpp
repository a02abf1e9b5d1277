#include "takt/transports/dds/internal/sample.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include <dds/ddsi/q_radmin.h>

#include "takt/core/error.hpp"
#include "takt/messages/cdr_stream.hpp"

// Cyclone DDS 0.10 asks for 15 operations on samples. Topics without a key need few of them: all samples are of one
// instance, so that hashes and keys are constants, and nobody ever asks for a sample as a C struct.
namespace takt::dds {
namespace {

static_assert(std::is_standard_layout_v<ddsi_serdata>);

/// On the wire a payload fills up to a multiple of this; what is sent of ours is then zero.
constexpr std::size_t kPadding = 4;

std::byte* payload(Sample* sample) {
  return reinterpret_cast<std::byte*>(sample + 1);
}

const Sample* sample_of(const ddsi_serdata* data) {
  return reinterpret_cast<const Sample*>(data);
}

/// Uninitialised but for the padding; `type` may be null for what only stands for the instance.
Sample* allocate(const ddsi_sertype* type, const ddsi_serdata_ops* ops, ddsi_serdata_kind kind, std::size_t size) {
  const std::size_t padded = messages::cdr_aligned(size, kPadding);
  void* const memory = ::operator new(sizeof(Sample) + padded, std::nothrow);
  if (memory == nullptr) {
    return nullptr;
  }
  auto* const sample =
      new (memory) Sample{.base = {}, .size = static_cast<std::uint32_t>(size), .received_ns = 0, .header = {}};
  if (type != nullptr) {
    ddsi_serdata_init(&sample->base, type, kind);
    sample->base.hash = type->serdata_basehash;
  } else {
    sample->base.ops = ops;
    sample->base.kind = kind;
    ddsrt_atomic_st32(&sample->base.refc, 1);
  }
  std::memset(payload(sample) + size, 0, padded - size);
  return sample;
}

bool equal_keys(const ddsi_serdata* /*a*/, const ddsi_serdata* /*b*/) {
  return true;
}

std::uint32_t get_size(const ddsi_serdata* data) {
  return sample_of(data)->size;
}

void free_sample(ddsi_serdata* data) {
  ::operator delete(data);
}

DataHeader header_of(const nn_rdata* first) {
  const std::size_t begin = NN_RDATA_SUBMSG_OFF(first);
  const std::size_t end = NN_RDATA_PAYLOAD_OFF(first);
  if (begin == 0 || end <= begin) {
    return {};
  }
  const auto* const packet = reinterpret_cast<const std::byte*>(NN_RMSG_PAYLOAD(first->rmsg));
  return read_data_header({packet + begin, end - begin}).value_or(DataHeader{});
}

/// Fragments may overlap; together they are the `size` bytes.
ddsi_serdata* from_network(const ddsi_sertype* type, ddsi_serdata_kind kind, const nn_rdata* fragments,
                           std::size_t size) {
  if (size < messages::kCdrHeaderSize) {
    return nullptr;
  }
  Sample* const sample = allocate(type, nullptr, kind, size);
  if (sample == nullptr) {
    return nullptr;
  }
  sample->received_ns = core::monotonic_now_ns();
  sample->header = header_of(fragments);
  std::uint32_t at = 0;
  for (const nn_rdata* part = fragments; part != nullptr; part = part->nextfrag) {
    const std::uint32_t end = std::min<std::uint32_t>(part->maxp1, sample->size);
    if (end > at && part->min <= at) {
      const unsigned char* const bytes = NN_RMSG_PAYLOADOFF(part->rmsg, NN_RDATA_PAYLOAD_OFF(part));
      std::memcpy(payload(sample) + at, bytes + (at - part->min), end - at);
      at = end;
    }
  }
  if (at != sample->size) {
    free_sample(&sample->base);
    return nullptr;
  }
  return &sample->base;
}

ddsi_serdata* from_pieces(const ddsi_sertype* type, ddsi_serdata_kind kind, ddsrt_msg_iovlen_t count,
                          const ddsrt_iovec_t* pieces, std::size_t size) {
  Sample* const sample = allocate(type, nullptr, kind, size);
  if (sample == nullptr) {
    return nullptr;
  }
  std::size_t at = 0;
  for (ddsrt_msg_iovlen_t i = 0; i < count && at < size; ++i) {
    const std::size_t part = std::min<std::size_t>(pieces[i].iov_len, size - at);
    std::memcpy(payload(sample) + at, pieces[i].iov_base, part);
    at += part;
  }
  std::memset(payload(sample) + at, 0, size - at);
  return &sample->base;
}

ddsi_serdata* from_keyhash(const ddsi_sertype* type, const ddsi_keyhash* /*hash*/) {
  Sample* const sample = allocate(type, nullptr, SDK_KEY, 0);
  return sample == nullptr ? nullptr : &sample->base;
}

ddsi_serdata* from_struct(const ddsi_sertype* /*type*/, ddsi_serdata_kind /*kind*/, const void* /*value*/) {
  return nullptr;  // there are no structs; dds_write is never called
}

void to_network(const ddsi_serdata* data, std::size_t offset, std::size_t size, void* out) {
  std::memcpy(out, sample_of(data)->bytes().data() + offset, size);
}

ddsi_serdata* lend_to_network(const ddsi_serdata* data, std::size_t offset, std::size_t size, ddsrt_iovec_t* out) {
  out->iov_base = const_cast<std::byte*>(sample_of(data)->bytes().data() + offset);
  out->iov_len = size;
  return ddsi_serdata_ref(data);
}

void take_back(ddsi_serdata* data, const ddsrt_iovec_t* /*lent*/) {
  ddsi_serdata_unref(data);
}

bool to_struct(const ddsi_serdata* /*data*/, void* /*value*/, void** /*buffer*/, void* /*end*/) {
  return false;
}

ddsi_serdata* to_untyped(const ddsi_serdata* data) {
  Sample* const sample = allocate(nullptr, data->ops, SDK_KEY, 0);
  if (sample == nullptr) {
    return nullptr;
  }
  sample->base.hash = data->hash;
  return &sample->base;
}

bool untyped_to_struct(const ddsi_sertype* /*type*/, const ddsi_serdata* /*data*/, void* /*value*/, void** /*buffer*/,
                       void* /*end*/) {
  return true;  // no key, nothing to fill in
}

std::size_t print(const ddsi_sertype* /*type*/, const ddsi_serdata* /*data*/, char* out, std::size_t size) {
  constexpr std::string_view kText = "(CDR)";
  const std::size_t length = std::min(kText.size(), size - 1);
  std::memcpy(out, kText.data(), length);
  out[length] = '\0';
  return length;
}

void get_keyhash(const ddsi_serdata* /*data*/, ddsi_keyhash* out, bool /*force_md5*/) {
  *out = {};
}

constexpr ddsi_serdata_ops make_sample_ops() {
  ddsi_serdata_ops ops{};  // what only shared memory needs stays null
  ops.eqkey = equal_keys;
  ops.get_size = get_size;
  ops.from_ser = from_network;
  ops.from_ser_iov = from_pieces;
  ops.from_keyhash = from_keyhash;
  ops.from_sample = from_struct;
  ops.to_ser = to_network;
  ops.to_ser_ref = lend_to_network;
  ops.to_ser_unref = take_back;
  ops.to_sample = to_struct;
  ops.to_untyped = to_untyped;
  ops.untyped_to_sample = untyped_to_struct;
  ops.free = free_sample;
  ops.print = print;
  ops.get_keyhash = get_keyhash;
  return ops;
}

void free_type(ddsi_sertype* type) {
  ddsi_sertype_fini(type);
  delete type;
}

bool equal_types(const ddsi_sertype* /*a*/, const ddsi_sertype* /*b*/) {
  return true;  // Cyclone DDS has compared the names
}

std::uint32_t hash_type(const ddsi_sertype* /*type*/) {
  return 0;
}

void zero_structs(const ddsi_sertype* /*type*/, void* /*values*/, std::size_t /*count*/) {}

void resize_structs(void** pointers, const ddsi_sertype* /*type*/, void* /*old*/, std::size_t /*old_count*/,
                    std::size_t count) {
  std::fill_n(pointers, count, nullptr);
}

void free_structs(const ddsi_sertype* /*type*/, void** /*pointers*/, std::size_t /*count*/, dds_free_op_t /*how*/) {}

constexpr ddsi_sertype_ops make_type_ops() {
  ddsi_sertype_ops ops{};  // no type information: see the head of the header
  ops.version = ddsi_sertype_v0;
  ops.free = free_type;
  ops.zero_samples = zero_structs;
  ops.realloc_samples = resize_structs;
  ops.free_samples = free_structs;
  ops.equal = equal_types;
  ops.hash = hash_type;
  return ops;
}

constexpr ddsi_serdata_ops kSampleOps = make_sample_ops();
constexpr ddsi_sertype_ops kTypeOps = make_type_ops();

}  // namespace

void ReleaseSample::operator()(const Sample* sample) const noexcept {
  ddsi_serdata_unref(const_cast<ddsi_serdata*>(&sample->base));
}

RawTopic::RawTopic(dds_entity_t participant, const std::string& name, const std::string& type)
    : entity_(create(participant, name, type), "topic '" + name + "' of type '" + type + "'") {}

dds_entity_t RawTopic::create(dds_entity_t participant, const std::string& name, const std::string& type) {
  auto* made = new ddsi_sertype{};
  ddsi_sertype_init_flags(made, type.c_str(), &kTypeOps, &kSampleOps, DDSI_SERTYPE_FLAG_TOPICKIND_NO_KEY);
  made->allowed_data_representation = DDS_DATA_REPRESENTATION_FLAG_XCDR1;
  const dds_entity_t entity = dds_create_topic_sertype(participant, name.c_str(), &made, nullptr, nullptr, nullptr);
  if (entity < 0) {
    ddsi_sertype_unref(made);
  }
  type_ = made;  // ours, or an equal one that was there before
  return entity;
}

SampleRef RawTopic::make_sample(bus::Bytes message, bus::Bytes inserted) const {
  if (message.size() < messages::kCdrHeaderSize) {
    throw LogicError("dds: a message of " + std::to_string(message.size()) + " bytes has no CDR header");
  }
  const std::size_t size = message.size() + inserted.size();
  if (size > std::numeric_limits<std::int32_t>::max()) {
    throw LogicError("dds: a message of " + std::to_string(size) + " bytes is larger than DDS carries: 2 GiB");
  }
  Sample* const sample = allocate(type_, nullptr, SDK_DATA, size);
  if (sample == nullptr) {
    throw std::bad_alloc();
  }
  const auto body = std::ranges::copy(message.first(messages::kCdrHeaderSize), payload(sample)).out;
  const auto rest = std::ranges::copy(inserted, body).out;
  std::ranges::copy(message.subspan(messages::kCdrHeaderSize), rest);
  return SampleRef(sample);
}

}  // namespace takt::dds
