#include "takt/async/tasks/channel.hpp"
