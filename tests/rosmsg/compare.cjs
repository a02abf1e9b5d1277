// Compares takt's CDR with the packages of package.json, which share no code with it: random values of every shipped
// message become the same bytes, and bytes the same value, both ways.
//
//   node compare.cjs CODEC [VALUES]     CODEC: the program of codec.cpp; VALUES: per type, 1000
//
// The definitions are those of the package where it has the type: takt's own description has to say the same. Exits 77
// when the packages are not installed (scripts/install_dependencies.sh does, where there is npm).

"use strict";
const { spawnSync } = require("node:child_process");

function load(name) {
  try {
    return require(name);
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    console.log(`there is no ${name}: npm could not fetch it (build/rosmsg/install.log)`);  // no fault of this host
    process.exit(77);
  }
}
const { MessageReader, MessageWriter } = load("@foxglove/rosmsg2-serialization");
const { ros2jazzy: published } = load("@foxglove/rosmsg-msgs-common");

const [codec, count = "1000"] = process.argv.slice(2);

function run(argument, input) {
  const result = spawnSync(codec, [argument], { input, encoding: "utf8", maxBuffer: 1 << 30 });
  if (result.status !== 0) throw new Error(`${codec} ${argument}: ${result.stderr || result.error}`);
  return result.stdout.split("\n").slice(0, -1);
}

// --- definitions -----------------------------------------------------------------------------------------------------

// By the number of type_description_interfaces/msg/FieldType.
const PRIMITIVES = { 2: "int8", 3: "uint8", 4: "int16", 5: "uint16", 6: "int32", 7: "uint32", 8: "int64", 9: "uint64",
  10: "float32", 11: "float64", 13: "uint8", 15: "bool", 16: "uint8", 17: "string", 21: "string" };
const NO_MEMBER = "structure_needs_at_least_one_member";

/// "std_msgs/msg/Header" is "std_msgs/Header" in the package.
const short = (name) => name.replace("/msg/", "/");

function fieldOf({ name, type }) {
  const many = Math.floor(type.type_id / 48) * 48;
  const field = { name, isComplex: type.nested_type_name !== "", isArray: many !== 0 };
  field.type = field.isComplex ? short(type.nested_type_name) : PRIMITIVES[type.type_id - many];
  if (many === 48) field.arrayLength = type.capacity;
  if (many === 96) field.arrayUpperBound = type.capacity;
  if (type.string_capacity > 0) field.upperBound = type.string_capacity;
  return field;
}

const definitionOf = ({ type_name, fields }) => ({ name: short(type_name),
  definitions: fields.filter((field) => field.name !== NO_MEMBER).map(fieldOf) });

/// What of a definition is in the bytes, as a text to compare.
const STANDS_FOR = { time: "builtin_interfaces/Time", duration: "builtin_interfaces/Duration", byte: "uint8", char: "uint8" };
const essence = (definition) => JSON.stringify(definition.definitions.filter((field) => !field.isConstant).map((field) =>
  [field.name, STANDS_FOR[field.type] ?? field.type, field.isArray ?? false, field.arrayLength ?? 0,
    field.arrayUpperBound ?? 0, field.upperBound ?? 0]));

/// The package's where it has one, and it and takt's are the same; the first is that of the message itself.
function definitionsOf(description, seen) {
  return [description.type_description, ...description.referenced_type_descriptions].map((type) => {
    const own = definitionOf(type);
    const theirs = published[own.name];
    if (theirs === undefined) return own;
    if (essence(own) !== essence(theirs)) {
      throw new Error(`${own.name}: takt has ${essence(own)}, published is ${essence(theirs)}`);
    }
    seen.add(own.name);
    return { name: own.name, definitions: theirs.definitions.filter((field) => !field.isConstant) };
  });
}

// --- values ----------------------------------------------------------------------------------------------------------

let state = 20260101;
/// An integer below 2^32 (mulberry32).
function bits() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return (t ^ (t >>> 14)) >>> 0;
}
const below = (n) => bits() % n;
const wide = () => (BigInt(bits()) << 32n) | BigInt(bits());

const SPECIAL = [0, -0, 1, -1.5, NaN, Infinity, -Infinity, 5e-324, 1.7976931348623157e308, 0.1, 2 ** 53 + 2];
const number64 = () => (below(4) === 0 ? SPECIAL[below(SPECIAL.length)] : (bits() - 2 ** 31) * 2 ** (below(200) - 100));
// ASCII: the package counts a text in UTF-16 units, so that it cuts what is longer in UTF-8.
const TEXTS = ["", "a", "base_link", "with \"quotes\" and \\", "tab\there\n", "joint/1", "~!@#$%^&*()"];
const text = (most) => (below(2) === 0 ? TEXTS[below(TEXTS.length)] : String.fromCharCode(...Array.from(
  { length: below(12) }, () => 32 + below(95)))).slice(0, most);
const RANDOM = {
  bool: () => below(2) === 1, int8: () => (bits() << 24) >> 24, uint8: () => below(256), int16: () => (bits() << 16) >> 16,
  uint16: () => below(65536), int32: () => bits() | 0, uint32: bits, int64: () => BigInt.asIntN(64, wide()), uint64: wide,
  float32: () => Math.fround(number64()), float64: number64, string: text,
  time: () => ({ sec: bits() | 0, nanosec: bits() }), duration: () => ({ sec: bits() | 0, nanosec: bits() }),
};

function randomValue(definitions, fields) {
  const one = (field) => (field.isComplex ? randomValue(definitions, definitions.get(field.type))
    : RANDOM[field.type](field.upperBound));
  const value = {};
  for (const field of fields) {
    const length = field.arrayLength ?? below(Math.min(field.arrayUpperBound ?? 3, 3) + 1);
    value[field.name] = field.isArray ? Array.from({ length }, () => one(field)) : one(field);
  }
  return value;
}

/// JSON as takt has it: all 64 bits of integers, and a word for what is not finite.
function toJson(value) {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" && !Number.isFinite(value)) return `"${Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf"}"`;
  if (typeof value === "number") {
    if (Object.is(value, -0)) return "-0.0";
    return Number.isInteger(value) && Math.abs(value) >= 2 ** 53 ? value.toExponential() : String(value);
  }
  if (Array.isArray(value)) return `[${value.map(toJson).join(",")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([key, of]) => `"${key}":${toJson(of)}`).join(",")}}`;
  return JSON.stringify(value);
}

// --- the comparison --------------------------------------------------------------------------------------------------

const hex = (bytes) => Buffer.from(bytes).toString("hex");

function compare(name, definitions, values) {
  const byName = new Map(definitions.map((definition) => [definition.name, definition.definitions]));
  const writer = new MessageWriter(definitions);
  const reader = new MessageReader(definitions);
  const expected = [];
  const lines = [];
  for (let i = 0; i < values; ++i) {
    const value = randomValue(byName, definitions[0].definitions);
    expected.push(hex(writer.writeMessage(value)));
    lines.push(`${toJson(value)}\t${expected[i]}`);
  }
  const answers = run(name, lines.join("\n") + "\n");
  if (answers.length !== values) throw new Error(`${name}: ${answers.length} answers for ${values} values`);
  answers.forEach((answer, i) => {
    const [written, rewritten] = answer.split(" ");
    const reread = answer.includes("error:") ? "" : hex(writer.writeMessage(reader.readMessage(Buffer.from(written, "hex"))));
    if (written !== expected[i] || rewritten !== expected[i] || reread !== expected[i]) {
      throw new Error(`${name}, value ${i}: ${lines[i]}\n  takt writes ${answer}\n  read and written by the package: ${reread}`);
    }
  });
}

const types = run("types").map((line) => JSON.parse(line));
const seen = new Set();
for (const { name, description } of types) {
  compare(name, definitionsOf(description, seen), Number(count));
}
if (types.length < 200 || seen.size < 80) throw new Error(`only ${types.length} types, ${seen.size} with published definitions`);
console.log(`${types.length} types, ${count} values each: the same bytes both ways; ${seen.size} definitions are the published ones`);
