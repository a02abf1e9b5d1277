// A recording of takt in somebody else's packages, which share no code with it: the file by @mcap/core, the schemas in it by
// @foxglove/rosmsg, the states by @foxglove/rosmsg2-serialization.
//
//   node recording.cjs PROGRAM      PROGRAM: that of recording_peer.cpp
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
    console.log(`there is no ${name}: npm could not fetch it (build/record/install.log, build/rosmsg/install.log)`);
    process.exit(77);
  }
}
const { McapIndexedReader } = load("@mcap/core");
const zstd = load("@foxglove/wasm-zstd");
const lz4 = load("@foxglove/wasm-lz4");
const { parse } = load("@foxglove/rosmsg");
const { MessageReader } = load("@foxglove/rosmsg2-serialization");

const [program] = process.argv.slice(2);
const handlers = { lz4: (data, size) => lz4(data, Number(size)), zstd: (data, size) => zstd.decompress(data, Number(size)) };
const text = (bytes) => Buffer.from(bytes).toString("utf8");

/// What recording_peer.cpp gives the recorder.
function expected(number) {
  const stamp = 1000000000n + BigInt(number) * 1000000n;
  return { stamp_ns: stamp, sequence: BigInt(number), trace_id: 0xfedcba9876543210n + BigInt(number), episode: 1,
    lease_epoch: 0, robot_type: 4, units: 0, mark: 2, source_t_s: [number * 0.25],
    joint_positions: [0.5 * number, -0.5 * number, 1 / (number + 1)], joint_velocities: [1, 2, 3], joint_efforts: [],
    gripper_position: [0.125 * (number % 8)], end_effector_pose: [0.25, 0.5, 0.75, 0, 0, 0, 1],
    hops: Array.from({ length: number % 4 }, (_, hop) => ({ stamp_ns: stamp + BigInt(hop), thread: 77, point: hop })),
    extras: [{ key: "voltage_v", value: 12.5 }] };
}

/// Typed arrays as arrays.
const plain = (value) => (ArrayBuffer.isView(value) || Array.isArray(value) ? Array.from(value, plain)
  : value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]))
    : value);

async function read(file) {
  const bytes = fs.readFileSync(file);
  const readable = { size: async () => BigInt(bytes.length),
    read: async (offset, length) => new Uint8Array(bytes.subarray(Number(offset), Number(offset + length))) };
  const reader = await McapIndexedReader.Initialize({ readable, decompressHandlers: handlers });
  const decoders = new Map();
  const states = [];
  const events = {};
  for await (const message of reader.readMessages({ validateCrcs: true })) {
    const channel = reader.channelsById.get(message.channelId);
    const schema = reader.schemasById.get(channel.schemaId);
    if (schema.encoding === "ros2msg") {
      assert.strictEqual(channel.messageEncoding, "cdr");
      assert.strictEqual(schema.name, "takt_msgs/msg/RecordedState");
      if (!decoders.has(schema.id)) decoders.set(schema.id, new MessageReader(parse(text(schema.data), { ros2: true })));
      const state = plain(decoders.get(schema.id).readMessage(message.data));
      assert.strictEqual(message.logTime - message.publishTime, state.recorded_ns - state.stamp_ns, "one offset to the wall");
      delete state.recorded_ns;
      states.push(state);
    } else {
      assert.strictEqual(schema.encoding, "jsonschema");
      assert.strictEqual(JSON.parse(text(schema.data)).type, "object");
      (events[channel.topic] ??= []).push(JSON.parse(text(message.data)));
    }
  }
  return { reader, states, events };
}

async function check(folder, compression) {
  const file = path.join(folder, `${compression}.mcap`);
  const result = spawnSync(program, [file, compression], { encoding: "utf8" });
  if (result.status !== 0) throw new Error(result.stderr || result.error);
  const { reader, states, events } = await read(file);
  assert.deepStrictEqual(states, Array.from({ length: 200 }, (_, i) => expected(i + 1)));
  const [begin, end] = events["/takt/episode"];
  assert.deepStrictEqual([begin.event, begin.episode, begin.task], ["begin", 1, 'pick the "Würfel"']);
  assert.deepStrictEqual([end.event, end.success, end.frames], ["end", true, { "/follower/sent": 200 }]);
  assert.deepStrictEqual([events["/takt/mode"][0].text, events["/takt/mode"][0].trace_id], ["teleop", "0000000000000005"]);
  assert.deepStrictEqual(events["/takt/statistics"][0].data, { applied: 200 });
  const sent = [...reader.channelsById.values()].find((channel) => channel.topic === "/follower/sent");
  assert.deepStrictEqual(JSON.parse(sent.metadata.get("joint_names")), ["pan", "lift", "gripper"]);
  const metadata = [];
  for await (const record of reader.readMetadata()) metadata.push(record.name);
  assert.deepStrictEqual(metadata, ["takt.recording", "takt.closed"]);
}

async function main() {
  await zstd.isLoaded;
  await lz4.isLoaded;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "takt-recording-"));
  try {
    for (const compression of ["none", "lz4", "zstd"]) await check(folder, compression);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  console.log("200 states and 4 kinds of events, three times, are what was recorded");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
