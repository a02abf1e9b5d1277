#include "takt/async/tasks/event.hpp"
