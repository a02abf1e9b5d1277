#include <cstddef>

// A library that the tests load when the zygote exists already.
extern "C" std::size_t late_function(void* /*call*/);

std::size_t late_function(void* /*call*/) {
  return 0;
}
