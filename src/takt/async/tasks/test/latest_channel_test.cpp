#include "takt/async/tasks/latest_channel.hpp"
