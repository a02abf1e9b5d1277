// A file of `takt record` in readers that share no code with takt: @mcap/core for the file, @foxglove/rosmsg for the
// schemas that it carries, @foxglove/rosmsg2-serialization for the states.
//
//   node recording_peer.cjs TAKT READ      READ: the program of tests/cli/read_recording.cpp
//
// Exits 77 when the packages are not installed (scripts/install_dependencies.sh does, where there is npm).

"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { spawnSync } = require("node:child_process");

function load(name) {
  try {
    return require(name);
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    console.log(`there is no ${name}: npm could not fetch it (build/record/install.log)`);  // no fault of this host
    process.exit(77);
  }
}
const { McapIndexedReader, McapStreamReader } = load("@mcap/core");
const zstd = load("@foxglove/wasm-zstd");
const lz4 = load("@foxglove/wasm-lz4");
const { parse } = load("@foxglove/rosmsg");
const { MessageReader } = load("@foxglove/rosmsg2-serialization");

const [takt, read] = process.argv.slice(2);
const handlers = {
  lz4: (data, size) => lz4(data, Number(size)),
  zstd: (data, size) => zstd.decompress(data, Number(size)),
};
const KINDS = ["/leader/leader", "/follower/mapped", "/follower/guarded", "/follower/sent", "/follower/read_back"];

function run(program, ...words) {
  const result = spawnSync(program, words, { encoding: "utf8", maxBuffer: 1 << 30 });
  if (result.status !== 0) throw new Error(`${words.join(" ")}: ${result.stderr || result.error}`);
  return result.stdout;
}

const text = (data) => Buffer.from(data).toString("utf8");

/// Of each topic its values, decoded by the schema that the file has of it.
class Topics {
  values = new Map();
  #readers = new Map();

  add(channel, schema, message) {
    if (!this.values.has(channel.topic)) this.values.set(channel.topic, []);
    this.values.get(channel.topic).push(this.#decoded(channel, schema, message.data));
  }

  #decoded(channel, schema, data) {
    if (channel.messageEncoding === "json") {
      assert.strictEqual(schema.encoding, "jsonschema");
      assert.strictEqual(JSON.parse(text(schema.data)).type, "object");
      return JSON.parse(text(data));
    }
    assert.deepStrictEqual([channel.messageEncoding, schema.encoding], ["cdr", "ros2msg"]);
    if (!this.#readers.has(channel.id)) {
      this.#readers.set(channel.id, new MessageReader(parse(text(schema.data), { ros2: true })));
    }
    return this.#readers.get(channel.id).readMessage(data);
  }
}

async function indexed(bytes) {
  const readable = {
    size: async () => BigInt(bytes.length),
    read: async (offset, length) => new Uint8Array(bytes.subarray(Number(offset), Number(offset + length))),
  };
  const reader = await McapIndexedReader.Initialize({ readable, decompressHandlers: handlers });
  const topics = new Topics();
  for await (const message of reader.readMessages({ validateCrcs: true })) {
    const channel = reader.channelsById.get(message.channelId);
    topics.add(channel, reader.schemasById.get(channel.schemaId), message);
  }
  return { reader, topics };
}

function streamed(bytes) {
  const reader = new McapStreamReader({ decompressHandlers: handlers, validateCrcs: true });
  const channels = new Map();
  const schemas = new Map();
  const topics = new Topics();
  reader.append(new Uint8Array(bytes));
  for (let record; (record = reader.nextRecord()); ) {
    if (record.type === "Schema") schemas.set(record.id, record);
    if (record.type === "Channel") channels.set(record.id, record);
    if (record.type === "Message") {
      const channel = channels.get(record.channelId);
      topics.add(channel, schemas.get(channel.schemaId), record);
    }
  }
  return { topics, done: reader.done() };
}

function expectStates(topics, told) {
  const frames = new Map(told.channels.map((channel) => [channel.topic, channel.frames]));
  assert.deepStrictEqual(new Set(frames.keys()), new Set(KINDS));
  for (const topic of KINDS) {
    const states = topics.values.get(topic);
    assert.strictEqual(states.length, frames.get(topic), `${topic}: as many as takt's own reader finds`);
    for (const state of states) {
      assert.strictEqual(state.joint_positions.length, 7, topic);
      assert(state.joint_positions.every(Number.isFinite), topic);
      assert(state.stamp_ns > 0n && state.recorded_ns >= state.stamp_ns, topic);
    }
  }
  const leaders = new Set(topics.values.get("/leader/leader").map((state) => state.trace_id));
  for (const state of topics.values.get("/follower/sent")) {
    assert(leaders.has(state.trace_id), "a command has the trace id of the state that it came from");
  }
}

async function main() {
  await Promise.all([lz4.isLoaded, zstd.isLoaded]);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "takt_record_peer_"));
  try {
    for (const compression of ["none", "lz4", "zstd"]) {
      const file = path.join(folder, `${compression}.mcap`);
      run(takt, "record", "--duration", "2", "-o", file, "--compression", compression, "--task", "wave", "--quiet");
      const told = JSON.parse(run(read, file));
      const bytes = fs.readFileSync(file);
      const { reader, topics } = await indexed(bytes);
      expectStates(topics, told);
      const begin = topics.values.get("/takt/episode")[0];
      assert.deepStrictEqual([begin.event, begin.task, begin.episode], ["begin", "wave", 1]);
      assert(topics.values.get("/takt/statistics").length >= 1);
      const attachments = [];
      for await (const attachment of reader.readAttachments()) attachments.push(attachment);
      assert.strictEqual(text(attachments[0].data), told.configuration);
      const stream = streamed(bytes);
      assert(stream.done);
      expectStates(stream.topics, told);
      console.log(`${compression}: ${bytes.length} bytes, read indexed and as a stream`);
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
