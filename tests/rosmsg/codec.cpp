// takt's side of the comparison in compare.cjs.
//
//   codec types     a line per shipped message: {"name": …, "description": …}
//   codec TYPE      per line "JSON<tab>HEX" of stdin, both of one value, a line "HEX HEX": the bytes that takt makes of
//   the
//                   JSON, and those it makes of what it read from the bytes, by way of JSON

#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "takt/messages/interfaces/known_types.hpp"
#include "takt/messages/json.hpp"

namespace {

using takt::messages::KnownType;
using Bytes = std::vector<std::byte>;

std::string to_hex(const Bytes& bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4U];
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15U];
  }
  return text;
}

Bytes from_hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

std::string encoded(const KnownType& type, std::string_view json) {
  const auto bytes = type.cdr_from_json(json);
  return bytes ? to_hex(*bytes) : "error:" + bytes.error().text();
}

std::string recoded(const KnownType& type, std::string_view hex) {
  const auto json = type.json_from_cdr(from_hex(hex));
  return json ? encoded(type, *json) : "error:" + json.error().text();
}

void print_types() {
  for (const KnownType& type : takt::messages::known_types()) {
    if (type.cdr_from_json != nullptr) {
      std::cout << R"({"name":")" << type.name << R"(","description":)"
                << takt::messages::to_json(type.type().description) << "}\n";
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const std::string_view what = argc == 2 ? argv[1] : "";
  if (what == "types") {
    print_types();
    return 0;
  }
  const KnownType* type = takt::messages::find_known_type(what);
  if (type == nullptr) {
    std::fprintf(stderr, "usage: codec types|TYPE\n");
    return 2;
  }
  for (std::string line; std::getline(std::cin, line);) {
    const auto tab = line.find('\t');
    std::cout << encoded(*type, std::string_view(line).substr(0, tab)) << ' '
              << recoded(*type, std::string_view(line).substr(tab + 1)) << '\n';
  }
  return 0;
}
