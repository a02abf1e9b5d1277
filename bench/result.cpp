#include "result.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string_view>

#include <fmt/core.h>

#include "takt/core/error.hpp"

namespace takt::bench {
namespace {

std::string number_or(const std::optional<double>& value, const char* otherwise) {
  return value ? fmt::format("{:.6g}", *value) : otherwise;
}

std::string quoted(std::string_view text) {
  std::string made = "\"";
  for (const char c : text) {
    made += (c == '"' || c == '\\') ? std::string{'\\', c} : std::string{c};
  }
  return made + '"';
}

std::string spread_of(const Figure& figure) {
  return figure.ratio_quartiles ? fmt::format(R"(, "ratio_quartiles": [{:.6g}, {:.6g}])",
                                              figure.ratio_quartiles->front(), figure.ratio_quartiles->back())
                                : "";
}

std::string json_of(const Figure& figure) {
  return fmt::format(
      R"({{"name": {}, "value": {:.6g}, "unit": {}, "baseline": {}, "ratio": {}, "goal": {}, "best": {}{}}})",
      quoted(figure.name), figure.value, quoted(figure.unit), number_or(figure.baseline, "null"),
      number_or(figure.ratio, "null"), figure.goal ? quoted(*figure.goal) : "null", number_or(figure.best, "null"),
      spread_of(figure));
}

template <class Items, class Format>
std::string joined(const Items& items, Format format) {
  std::string made;
  for (const auto& item : items) {
    made += (made.empty() ? "\n    " : ",\n    ") + format(item);
  }
  return made;
}

std::string short_number(const std::optional<double>& value) {
  return value ? fmt::format("{:.4g}", *value) : "-";
}

}  // namespace

void print(const Result& result) {
  std::size_t width = 6;
  for (const Figure& figure : result.figures) {
    width = std::max(width, figure.name.size());
  }
  fmt::print("{:<{}}  {:>6}  {:>9}  {:>9}  {:>9}  {:>8}  {}\n", "figure", width, "unit", "takt", "best", "baseline",
             "ratio", "goal");
  for (const Figure& figure : result.figures) {
    fmt::print("{:<{}}  {:>6}  {:>9.4g}  {:>9}  {:>9}  {:>8}  {}\n", figure.name, width, figure.unit, figure.value,
               short_number(figure.best), short_number(figure.baseline), short_number(figure.ratio),
               figure.goal.value_or("-"));
  }
  for (const std::string& note : result.notes) {
    fmt::print("* {}\n", note);
  }
}

void write(const Result& result, const std::string& path) {
  std::ofstream file(path);
  file << "{\n  \"bench\": " << quoted(result.bench) << ",\n  \"figures\": [" << joined(result.figures, json_of)
       << "\n  ],\n  \"notes\": [" << joined(result.notes, quoted) << "\n  ]\n}\n";
  file.close();
  if (!file) {
    throw SystemError("cannot write " + path);
  }
}

int report(const Result& result, int argc, char** argv) {
  print(result);
  const int first = argc > 1 && std::string_view(argv[1]) == "--out" ? 2 : 1;
  if (argc > first + 1 || (first == 2 && argc == 2)) {
    fmt::print(stderr, "usage: {} [--out] [FILE.json]\n", argv[0]);
    return 2;
  }
  try {
    if (argc == first + 1) {
      write(result, argv[first]);
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}

}  // namespace takt::bench
