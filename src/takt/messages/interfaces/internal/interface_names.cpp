#include "takt/messages/interfaces/internal/interface_names.hpp"

#include <algorithm>
#include <array>

namespace takt::messages {
namespace {

constexpr std::array kKeywords = {"alignas",       "alignof",     "and",
                                  "asm",           "auto",        "bitand",
                                  "bitor",         "bool",        "break",
                                  "case",          "catch",       "char",
                                  "class",         "compl",       "concept",
                                  "const",         "consteval",   "constexpr",
                                  "constinit",     "continue",    "decltype",
                                  "default",       "delete",      "do",
                                  "double",        "else",        "enum",
                                  "explicit",      "export",      "extern",
                                  "false",         "float",       "for",
                                  "friend",        "goto",        "if",
                                  "inline",        "int",         "long",
                                  "mutable",       "namespace",   "new",
                                  "noexcept",      "not",         "nullptr",
                                  "operator",      "or",          "private",
                                  "protected",     "public",      "register",
                                  "requires",      "return",      "short",
                                  "signed",        "sizeof",      "static",
                                  "struct",        "switch",      "template",
                                  "this",          "throw",       "true",
                                  "try",           "typedef",     "typeid",
                                  "typename",      "union",       "unsigned",
                                  "using",         "virtual",     "void",
                                  "volatile",      "while",       "xor",
                                  "and_eq",        "char16_t",    "char32_t",
                                  "char8_t",       "co_await",    "co_return",
                                  "co_yield",      "const_cast",  "dynamic_cast",
                                  "not_eq",        "or_eq",       "reinterpret_cast",
                                  "static_assert", "static_cast", "thread_local",
                                  "wchar_t",       "xor_eq"};

/// Namespaces that declarations name.
constexpr std::array kNamespaces = {"boost", "posix", "std", "takt"};

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool is_snake(std::string_view name) {
  return !name.empty() && is_lower(name.front()) && !name.ends_with('_') && name.find("__") == std::string_view::npos &&
         std::ranges::all_of(name, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}
bool is_constant(std::string_view name) {
  return !name.empty() && is_upper(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_upper(c) || is_digit(c) || c == '_'; });
}
bool is_pascal(std::string_view name) {
  return !name.empty() && is_upper(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_lower(c) || is_upper(c) || is_digit(c); });
}

std::string cpp_name(std::string_view name) {
  const bool is_taken = std::ranges::find(kKeywords, name) != kKeywords.end() ||
                        std::ranges::find(kNamespaces, name) != kNamespaces.end() || is_standard_macro(name);
  return std::string(name) + (is_taken ? "_" : "");
}

}  // namespace takt::messages
