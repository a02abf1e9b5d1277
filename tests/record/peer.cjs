// takt's MCAP files in somebody else's reader, and somebody else's files in takt's: the packages of package.json share no
// code with it.
//
//   node peer.cjs PROGRAM      PROGRAM: that of mcap_peer.cpp
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
const { McapIndexedReader, McapStreamReader, McapWriter, TempBuffer } = load("@mcap/core");
const zstd = load("@foxglove/wasm-zstd");
const lz4 = load("@foxglove/wasm-lz4");

const [program] = process.argv.slice(2);
const MESSAGES = 700;
const COMPRESSIONS = ["none", "lz4", "zstd"];
const handlers = {
  lz4: (data, size) => lz4(data, Number(size)),
  zstd: (data, size) => zstd.decompress(data, Number(size)),
};

function takt(...words) {
  const result = spawnSync(program, words.map(String), { encoding: "utf8", maxBuffer: 1 << 30 });
  if (result.status !== 0) throw new Error(`${words.join(" ")}: ${result.stderr || result.error}`);
  return result.stdout.split("\n").slice(0, -1);
}

// --- what mcap_peer.cpp writes ---------------------------------------------------------------------------------------

const START = 1700000000000000000n;
const TOPIC_SCHEMAS = { "/event": "event", "/state": "takt/msg/State", "/bare": "" };

const EXPECTED = Array.from({ length: MESSAGES }, (_, i) => {
  const topic = i % 5 === 0 ? "/event" : i % 7 === 0 ? "/bare" : "/state";
  const text = i % 5 === 0 ? `{"i":${i}}` : String.fromCharCode(97 + (i % 26)).repeat((i * 37) % 400);
  return { topic, schema: TOPIC_SCHEMAS[topic], sequence: i, logTime: (START + BigInt(i ^ 3) * 1000001n).toString(),
    publishTime: (START - BigInt(i)).toString(), data: Buffer.from(text).toString("hex") };
});
const byTime = (messages) => [...messages].sort((a, b) => (BigInt(a.logTime) < BigInt(b.logTime) ? -1 : 1));
const ATTACHMENT = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251)).toString("hex");

// --- how the peer reads ----------------------------------------------------------------------------------------------

const plain = (message, channels, schemas) => {
  const channel = channels.get(message.channelId);
  return { topic: channel.topic, schema: schemas.get(channel.schemaId)?.name ?? "", sequence: message.sequence,
    logTime: message.logTime.toString(), publishTime: message.publishTime.toString(),
    data: Buffer.from(message.data).toString("hex") };
};

const readable = (bytes) => ({
  size: async () => BigInt(bytes.length),
  read: async (offset, length) => {
    assert(offset + length <= BigInt(bytes.length), "it reads beyond the end");
    return new Uint8Array(bytes.subarray(Number(offset), Number(offset + length)));
  },
});

async function indexed(bytes, filter = {}) {
  const reader = await McapIndexedReader.Initialize({ readable: readable(bytes), decompressHandlers: handlers });
  const messages = [];
  for await (const message of reader.readMessages({ ...filter, validateCrcs: true })) {
    messages.push(plain(message, reader.channelsById, reader.schemasById));
  }
  return { reader, messages };
}

function streamed(bytes) {
  const reader = new McapStreamReader({ decompressHandlers: handlers, validateCrcs: true });
  const channels = new Map();
  const schemas = new Map();
  const result = { messages: [], attachments: [], metadata: [], header: undefined };
  reader.append(new Uint8Array(bytes));
  for (let record; (record = reader.nextRecord()); ) {
    if (record.type === "Schema") schemas.set(record.id, record);
    if (record.type === "Channel") channels.set(record.id, record);
    if (record.type === "Message") result.messages.push(plain(record, channels, schemas));
    if (record.type === "Attachment") result.attachments.push(record);
    if (record.type === "Metadata") result.metadata.push(record);
    if (record.type === "Header") result.header = record;
  }
  return { ...result, channels, done: reader.done() };
}

async function collect(records) {
  const all = [];
  for await (const record of records) all.push(record);
  return all;
}

// --- the comparisons -------------------------------------------------------------------------------------------------

async function readsTaktsFiles(folder, compression) {
  const file = path.join(folder, `${compression}.mcap`);
  takt("write", file, compression, MESSAGES);
  const bytes = fs.readFileSync(file);

  const { reader, messages } = await indexed(bytes);
  assert.deepStrictEqual(messages, byTime(EXPECTED), "indexed");
  assert.strictEqual(reader.header.profile, "takt-test");
  assert.strictEqual(reader.statistics.messageCount, BigInt(MESSAGES));
  assert.strictEqual(reader.statistics.chunkCount, reader.chunkIndexes.length);
  const compressed = reader.chunkIndexes.filter((chunk) => chunk.compression === (compression === "none" ? "" : compression));
  assert(compressed.length > 20 && compressed.length >= reader.chunkIndexes.length - 2, "all but what would not get smaller");
  const event = [...reader.channelsById.values()].find((channel) => channel.topic === "/event");
  assert.deepStrictEqual([...event.metadata], [["kind", "event"], ["ä", "ö"]]);
  assert.strictEqual(Buffer.from(reader.schemasById.get(event.schemaId).data).toString(), '{"type":"object"}');

  const some = { topics: ["/event"], startTime: START + 100n * 1000001n, endTime: START + 200n * 1000001n };
  const wanted = byTime(EXPECTED).filter((message) => message.topic === "/event" &&
    BigInt(message.logTime) >= some.startTime && BigInt(message.logTime) <= some.endTime);
  assert.deepStrictEqual((await indexed(bytes, some)).messages, wanted, "indexed, of a topic and a time");

  const [attachment] = await collect(reader.readAttachments());
  assert.strictEqual(attachment.name, "robot.toml");
  assert.strictEqual(Buffer.from(attachment.data).toString("hex"), ATTACHMENT);
  const [metadata] = await collect(reader.readMetadata());
  assert.deepStrictEqual(Object.fromEntries(metadata.metadata), { task: "pick the cube", operator: "" });

  const stream = streamed(bytes);
  assert(stream.done, "the stream reader is at the end");
  assert.deepStrictEqual(stream.messages, EXPECTED, "streamed, in the order of writing");
  assert.strictEqual(stream.attachments.length, 1);
  assert.strictEqual(stream.metadata.length, 1);
  return file;
}

/// Cut to any length, and repaired: what the peer reads of the cut file by streaming is what it reads of the repaired one.
async function readsRepairedFiles(folder, file) {
  const whole = fs.readFileSync(file);
  const cuts = fs.mkdtempSync(path.join(folder, "cuts-"));
  const step = 197;  // a prime: no regular place in the records
  const lines = takt("repair-cuts", file, step, cuts);
  assert(lines.length > 150);
  let most = 0;
  for (const line of lines) {
    const [size, kept] = line.split(" ").map(Number);
    const { messages } = await indexed(fs.readFileSync(path.join(cuts, `${size}.mcap`)));
    const before = streamed(whole.subarray(0, size));
    assert.strictEqual(messages.length, kept, `cut to ${size}`);
    assert.deepStrictEqual(messages, byTime(before.messages), `cut to ${size}`);
    most = Math.max(most, kept);
  }
  assert.strictEqual(most, MESSAGES);
  return lines.length;
}

class MemoryFile {
  #buffer = new TempBuffer();
  position() { return this.#buffer.position(); }
  async write(bytes) { await this.#buffer.write(bytes); }
  get() { return this.#buffer.get(); }
}

async function writeByPeer(compression, options) {
  const file = new MemoryFile();
  const compressChunk = compression === "zstd"
    ? (data) => ({ compression: "zstd", compressedData: zstd.compress(data) }) : undefined;
  const writer = new McapWriter({ writable: file, chunkSize: 4096, compressChunk, ...options });
  await writer.start({ library: "peer", profile: "" });
  const schemas = {};
  const channels = {};
  for (const [topic, name] of Object.entries(TOPIC_SCHEMAS)) {
    schemas[topic] = name === "" ? 0 : await writer.registerSchema({ name, encoding: "jsonschema", data: Buffer.from("{}") });
    channels[topic] = await writer.registerChannel({ topic, schemaId: schemas[topic], messageEncoding: "json",
      metadata: new Map([["a", "b"]]) });
  }
  for (const message of EXPECTED) {
    await writer.addMessage({ channelId: channels[message.topic], sequence: message.sequence,
      logTime: BigInt(message.logTime), publishTime: BigInt(message.publishTime), data: Buffer.from(message.data, "hex") });
  }
  await writer.addMetadata({ name: "m", metadata: new Map([["k", "v"]]) });
  await writer.addAttachment({ name: "x", mediaType: "", logTime: 1n, createTime: 2n, data: Buffer.from(ATTACHMENT, "hex") });
  await writer.end();
  return Buffer.from(file.get());
}

/// Its indexed files, its files without chunks, and without a summary: all are read, the last two by scanning.
async function taktReadsItsFiles(folder) {
  const kinds = {
    none: ["none", {}, false], zstd: ["zstd", {}, false], unchunked: ["none", { useChunks: false }, true],
    "no-index": ["zstd", { useChunkIndex: false }, true], "no-statistics": ["zstd", { useStatistics: false }, true],
    "no-message-index": ["zstd", { useMessageIndex: false }, false],
  };
  for (const [kind, [compression, options, scanned]] of Object.entries(kinds)) {
    const file = path.join(folder, `peer-${kind}.mcap`);
    fs.writeFileSync(file, await writeByPeer(compression, options));
    const lines = takt("list", file).map((line) => JSON.parse(line));
    const about = lines.pop();
    assert.deepStrictEqual(lines, byTime(EXPECTED), kind);
    assert.deepStrictEqual(about, { recovered: scanned, messages: MESSAGES, metadata: 1, attachments: `x:${ATTACHMENT}` }, kind);
  }
  return Object.keys(kinds).length;
}

async function main() {
  await Promise.all([zstd.isLoaded, lz4.isLoaded]);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "takt-mcap-peer-"));
  try {
    let repaired = 0;
    for (const compression of COMPRESSIONS) {
      const file = await readsTaktsFiles(folder, compression);
      repaired += await readsRepairedFiles(folder, file);
    }
    const others = await taktReadsItsFiles(folder);
    console.log(`${COMPRESSIONS.length} files of takt read by index and by streaming, ${repaired} cut ones repaired and read; ` +
      `${others} files of the peer read by takt`);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
