#include "takt/controller/server.hpp"
#include <gtest/gtest.h>
