// Compares takt's Parquet with the packages of package.json, which share no code with it: every file that takt writes is
// read the same by hyparquet, and what hyparquet-writer writes, packed and encoded in its ways, is read the same by takt.
//
//   node compare.mjs PARQUET_TABLES NODE_MODULES    PARQUET_TABLES: the program of parquet_tables.cpp
//
// Exits 77 when the packages are not installed (scripts/install_dependencies.sh does, where there is npm).

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [program, modules] = process.argv.slice(2);

async function load(name) {
  const file = join(modules, name, "src", "index.js");
  if (!existsSync(file)) {
    console.log(`there is no ${name}: npm could not fetch it (build/files/install.log)`);  // no fault of this host
    process.exit(77);
  }
  return import(pathToFileURL(file));
}
const { parquetMetadata, parquetReadObjects } = await load("hyparquet");
const { parquetWriteBuffer } = await load("hyparquet-writer");

function run(...args) {
  return spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 30 });
}

/// Columns of a file as takt reads them.
function byTakt(file) {
  const result = run("read", file);
  assert.equal(result.status, 0, result.stderr);
  return JSON.parse(result.stdout);
}

const plain = (value) => Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value, plain)
  : typeof value === "bigint" ? value.toString() : value;

/// Columns of a file as hyparquet reads them, integers as texts.
async function byHyparquet(file) {
  const bytes = readFileSync(file);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const rows = await parquetReadObjects({ file: buffer });
  const columns = {};
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) (columns[name] ??= []).push(plain(value));
  }
  return { columns, metadata: parquetMetadata(buffer) };
}

async function ofTakt(folder) {
  assert.equal(run("write", folder).status, 0);
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".parquet"));
  assert.equal(files.length, 4);
  for (const name of files) {
    const { columns, metadata } = await byHyparquet(join(folder, name));
    const wanted = byTakt(join(folder, name));
    assert.deepEqual(Object.keys(columns).sort(), Object.keys(wanted).sort(), name);
    for (const column of Object.keys(wanted)) assert.deepEqual(columns[column], wanted[column], `${name} ${column}`);
    assert.equal(metadata.created_by, "takt");
    for (const group of metadata.row_groups) {
      for (const chunk of group.columns) {
        assert.equal(chunk.meta_data.codec, "UNCOMPRESSED");
        assert.deepEqual(chunk.meta_data.encodings, ["PLAIN", "RLE"]);
      }
    }
    console.log(`of takt: ${name}, ${metadata.num_rows} rows, ${Object.keys(wanted).length} columns`);
  }
  const { metadata } = await byHyparquet(join(folder, "types.parquet"));
  assert.deepEqual(metadata.key_value_metadata, [{ key: "who", value: "takt" }]);
  assert.equal(metadata.row_groups.length, 3);
}

const COUNT = 5000;
const each = (make) => Array.from({ length: COUNT }, (_, i) => make(i));
const listSchema = (name, type) => [
  { name, repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  { name: "element", repetition_type: "OPTIONAL", type }];

/// name -> what parquetWriteBuffer takes; the values as takt must read them are derived from it.
const FILES = {
  "snappy and dictionaries": { columnData: [
    { name: "few", data: each((i) => `task ${i % 3}`), type: "STRING" },
    { name: "one", data: each(() => "always"), type: "STRING" },
    { name: "numbers", data: each((i) => Math.sin(i)), type: "DOUBLE" },
    { name: "steps", data: each((i) => BigInt(i % 40)), type: "INT64" },
    { name: "small", data: each((i) => i - 2500), type: "INT32" },
    { name: "done", data: each((i) => i % 9 === 0), type: "BOOLEAN" }] },
  "uncompressed": { codec: "UNCOMPRESSED", columnData: [
    { name: "floats", data: each((i) => Math.fround(i / 7)), type: "FLOAT" },
    { name: "required", data: each((i) => i * 1.5), type: "DOUBLE", nullable: false },
    { name: "texts", data: each((i) => "x".repeat(i % 50)), type: "STRING" }] },
  "lists in many pages and groups": { rowGroupSize: 700, pageSize: 2000,
    schema: [{ name: "root", num_children: 2 }, ...listSchema("action", "FLOAT"), ...listSchema("ids", "INT64")],
    columnData: [
      { name: "action", data: each((i) => Array.from({ length: i % 8 }, (_, k) => Math.fround(i + k / 3))) },
      { name: "ids", data: each((i) => [BigInt(i % 5), BigInt(i)]) }] },
};

async function ofOthers(folder) {
  for (const [name, options] of Object.entries(FILES)) {
    const file = join(folder, "foreign.parquet");
    writeFileSync(file, Buffer.from(parquetWriteBuffer(options)));
    const found = byTakt(file);
    const encodings = new Set();
    for (const group of (await byHyparquet(file)).metadata.row_groups) {
      for (const chunk of group.columns) chunk.meta_data.encodings.forEach((one) => encodings.add(one));
    }
    for (const { name: column, data, type } of options.columnData) {
      const wanted = type === "INT32" ? data.map(String) : type === "BOOLEAN" ? data.map((is) => is ? "1" : "0")
        : data.map(plain);
      assert.deepEqual(found[column], wanted, `${name}: ${column}`);
    }
    console.log(`of hyparquet-writer: ${name}, encodings ${[...encodings].join(" ")}`);
  }
}

/// What takt does not read it refuses by its name, in one line.
function refused(folder) {
  const file = join(folder, "refused.parquet");
  const integers = { name: "a", data: each((i) => BigInt(i)), type: "INT64" };
  const cases = [
    [{ columnData: [{ ...integers, encoding: "DELTA_BINARY_PACKED" }] }, "DELTA_BINARY_PACKED"],
    [{ columnData: [{ name: "a", data: each((i) => i / 3), type: "DOUBLE", encoding: "BYTE_STREAM_SPLIT" }] }, "BYTE_STREAM_SPLIT"],
    [{ codec: "GZIP", compressors: { GZIP: (bytes) => bytes }, columnData: [integers] }, "GZIP"],
    [{ columnData: [{ name: "a", data: [1.5, null, 2.5], type: "DOUBLE" }] }, "a value is missing in row 1"]];
  for (const [options, words] of cases) {
    writeFileSync(file, Buffer.from(parquetWriteBuffer(options)));
    const result = run("read", file);
    assert.equal(result.status, 2, words);
    assert.match(result.stderr, new RegExp(`^[^\\n]*column 'a': [^\\n]*${words}[^\\n]*\\n$`));
    console.log(`refused: ${words}`);
  }
}

const folder = mkdtempSync(join(tmpdir(), "takt-files-"));
try {
  await ofTakt(folder);
  await ofOthers(folder);
  refused(folder);
} finally {
  rmSync(folder, { recursive: true });
}
