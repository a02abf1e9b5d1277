// What compare.mjs drives: takt's Parquet reader and writer.
//
//   parquet_tables write FOLDER    types.parquet, and a LeRobot dataset in FOLDER/dataset
//   parquet_tables read FILE       its columns as one JSON object: integers as texts, so that no digit is lost
//
// Exits 2 with one line where a file cannot be read.

#include <cmath>
#include <cstdio>
#include <exception>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/core/file_replace.hpp"
#include "takt/messages/json.hpp"
#include "takt/trajectory/files/lerobot_writer.hpp"
#include "takt/trajectory/files/parquet_reader.hpp"
#include "takt/trajectory/files/parquet_writer.hpp"

namespace {

namespace files = takt::trajectory::files;

files::ParquetTable every_type() {
  files::ParquetTable table{
      .rows = 20'000, .columns = {}, .group_ends = {1, 9'000, 20'000}, .metadata = {{"who", "takt"}}};
  std::vector<std::int64_t> integers;
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<std::string> texts;
  files::ParquetColumn lists{.name = "lists", .values = std::vector<float>{}, .list = true};
  files::ParquetColumn words{.name = "words", .values = std::vector<std::string>{}, .list = true};
  for (std::size_t row = 0; row < table.rows; ++row) {
    const auto number = static_cast<double>(row);
    integers.push_back(std::numeric_limits<std::int64_t>::max() - static_cast<std::int64_t>(row * row));
    floats.push_back(static_cast<float>(std::sin(number)));
    doubles.push_back(std::exp(number * 0.01) * 1e-20);
    texts.push_back(fmt::format("row {} — «{}»", row, row % 7));
    auto& values = std::get<std::vector<float>>(lists.values);
    values.insert(values.end(), row % 5, static_cast<float>(row));
    lists.ends.push_back(values.size());
    auto& said = std::get<std::vector<std::string>>(words.values);
    said.insert(said.end(), row % 2, "word");
    words.ends.push_back(said.size());
  }
  table.columns = {{.name = "integers", .values = integers},
                   {.name = "floats", .values = floats},
                   {.name = "doubles", .values = doubles},
                   {.name = "texts", .values = texts},
                   lists,
                   words};
  return table;
}

takt::trajectory::Trajectory wave(const std::string& name, int frames) {
  takt::trajectory::Trajectory made({.name = name, .robot = "so101", .joint_names = {"pan", "lift"}, .task = "wave"});
  for (int i = 0; i < frames; ++i) {
    made.append(
        {.t_ns = i * 20'000'001LL, .q_rad = {std::sin(i * 0.1), 0.1 * i}, .dq_rad_s = {0.5, 0.25}, .gripper = 0.5});
  }
  return made;
}

void write_all(const std::string& folder) {
  takt::core::replace_file(folder + "/types.parquet", files::write_parquet(every_type()));
  files::write_lerobot(folder + "/dataset", std::vector<files::LerobotEpisode>{{wave("one", 60)}, {wave("two", 25)}});
}

template <class Value>
std::string value_text(const Value& value) {
  takt::messages::JsonWriter out;
  if constexpr (std::is_same_v<Value, std::int64_t>) {
    takt::messages::write_json(out, std::string_view(fmt::to_string(value)));
  } else if constexpr (std::is_same_v<Value, std::string>) {
    takt::messages::write_json(out, std::string_view(value));
  } else {
    takt::messages::write_json(out, static_cast<double>(value));
  }
  return out.text;
}

std::string column_text(const files::ParquetColumn& column) {
  std::string text;
  std::size_t begin = 0;
  std::visit(
      [&](const auto& values) {
        for (std::size_t row = 0; row < files::rows(column); ++row) {
          const std::size_t end = column.list ? column.ends[row] : row + 1;
          text += text.empty() ? "" : ",";
          text += column.list ? "[" : "";
          for (std::size_t i = begin; i < end; ++i) {
            text += (i == begin ? "" : ",") + value_text(values[i]);
          }
          text += column.list ? "]" : "";
          begin = end;
        }
      },
      column.values);
  return "[" + text + "]";
}

void show(const std::string& path) {
  const auto file = files::open_parquet(path);
  std::string text;
  for (const std::string& name : file->names()) {
    text += (text.empty() ? "" : ",") + value_text(name) + ":" + column_text(file->read(name));
  }
  fmt::print("{{{}}}\n", text);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string what = argc == 3 ? argv[1] : "";
    if (what == "write") {
      write_all(argv[2]);
    } else if (what == "read") {
      show(argv[2]);
    } else {
      fmt::print(stderr, "usage: parquet_tables write FOLDER | read FILE\n");
      return 1;
    }
    return 0;
  } catch (const takt::ConfigError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
