#include "takt/trajectory/mcap/repair.hpp"

#include <map>
#include <string>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/core/file_replace.hpp"
#include "takt/trajectory/mcap/writer.hpp"

namespace takt::trajectory::mcap {
namespace {

// Numbers of channels in the one file as those of the other.
using Channels = std::map<ChannelId, ChannelId>;

Channels copy_definitions(const Reader& reader, Writer& writer) {
  std::map<SchemaId, SchemaId> schemas{{kNoSchema, kNoSchema}};
  for (const Schema& schema : reader.schemas()) {
    schemas[schema.id] = writer.add_schema(schema.name, schema.encoding, schema.data);
  }
  Channels channels;
  for (const Channel& channel : reader.channels()) {
    channels[channel.id] =
        writer.add_channel(schemas.at(channel.schema), channel.topic, channel.message_encoding, channel.metadata);
  }
  return channels;
}

void copy(const Reader& reader, const Channels& channels, Writer& writer) {
  for (const Message& message : reader.messages()) {
    writer.write(channels.at(message.channel), message.sequence, message.log_time_ns, message.publish_time_ns,
                 message.data);
  }
  for (const Metadata& metadata : reader.metadata()) {
    writer.add_metadata(metadata.name, metadata.values);
  }
  for (const AttachmentEntry& entry : reader.attachments()) {
    writer.attach(reader.attachment(entry));
  }
}

// So that nobody takes the file for all there was.
void tell(const Recovery& recovery, Writer& writer) {
  writer.add_metadata(kRepairedMetadata, {{"lost", recovery.first_loss},
                                          {"bytes", std::to_string(recovery.lost_bytes)},
                                          {"chunks", std::to_string(recovery.broken_chunks)},
                                          {"records", std::to_string(recovery.broken_records)}});
}

RepairReport repair(const Reader& reader, std::unique_ptr<Sink> out) {
  RepairReport report{.kept = reader.statistics(), .recovery = reader.recovery().value()};
  report.had_summary = report.recovery.why.empty();
  Writer writer(std::move(out), {.profile = reader.profile(), .compression = report.recovery.compression});
  const Channels channels = copy_definitions(reader, writer);
  copy(reader, channels, writer);
  if (!report.lossless()) {
    tell(report.recovery, writer);
    ++report.kept.metadata;
  }
  writer.close();
  report.kept.messages_of.clear();
  for (const auto& [channel, messages] : reader.statistics().messages_of) {
    report.kept.messages_of[channels.at(channel)] += messages;
  }
  report.kept.chunks = writer.statistics().chunks;
  return report;
}

}  // namespace

RepairReport repair(std::unique_ptr<Source> in, std::unique_ptr<Sink> out, ReaderOptions limits) {
  limits.read_all = true;
  return repair(Reader(std::move(in), limits), std::move(out));
}

RepairReport repair(const std::filesystem::path& in, const std::filesystem::path& out) {
  const Reader reader(in, {.read_all = true});
  const auto refuse = [&out]() -> ConfigError { return {out.string(), 0, "", "is there already, and is kept"}; };
  if (std::filesystem::exists(out)) {
    throw refuse();
  }
  core::FileReplacement replacement(out);
  const RepairReport report =
      repair(reader, std::make_unique<FileSink>(replacement.unfinished(), FileSink::Existing::kReplace));
  if (!replacement.commit_new()) {
    throw refuse();
  }
  return report;
}

}  // namespace takt::trajectory::mcap
