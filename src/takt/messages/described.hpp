#pragma once

#include <type_traits>

#include <boost/describe.hpp>

namespace takt::messages {

/// A struct whose members are named with Boost.Describe: every codec can be derived for it.
template <class T>
concept Described = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;

}  // namespace takt::messages
