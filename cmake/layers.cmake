# The house: which module may include which. Includes point down, never up, never sideways between implementations.
# takt_module() checks its DEPENDS against this table when CMake configures; scripts/check_layers.py reads the same lines
# and checks every #include. A module's own folder and what its dependencies may include are not implied: say each.

set(TAKT_LAYER_core "")
set(TAKT_LAYER_core/csv "core")
set(TAKT_LAYER_messages "core")
set(TAKT_LAYER_messages/interfaces "core;messages")
set(TAKT_LAYER_realtime "core")
set(TAKT_LAYER_async "core;messages;async/tasks")
set(TAKT_LAYER_async/tasks "core")
set(TAKT_LAYER_async/asio "core;async/tasks")
set(TAKT_LAYER_bus "core;messages;realtime")
set(TAKT_LAYER_node "core;messages;async;async/tasks;bus")
set(TAKT_LAYER_transports/udp "core;messages;async;bus")
set(TAKT_LAYER_transports/zmq "core;messages;async;bus")
set(TAKT_LAYER_transports/dds "core;messages;bus")
set(TAKT_LAYER_control "core;realtime;control/motion;control/model;control/laws")
set(TAKT_LAYER_control/motion "core")
set(TAKT_LAYER_control/model "core;control/motion")
set(TAKT_LAYER_control/laws "core;control/motion;control/model")
set(TAKT_LAYER_robots "core;messages;realtime;control;control/motion;control/model;control/laws")
set(TAKT_LAYER_robots/models "core;control/motion;control/model;control/laws")
set(TAKT_LAYER_robots/playback "core;core/csv;messages;realtime;control;control/motion;control/model;control/laws;robots")
set(TAKT_LAYER_robots/synthetic "core;messages;realtime;control;control/motion;control/model;control/laws;robots")
set(TAKT_LAYER_robots/sim "core;messages;realtime;control;control/motion;control/model;control/laws;robots;robots/models")
set(TAKT_LAYER_trajectory/mcap "core")
set(TAKT_LAYER_trajectory "core;messages;control/motion")
set(TAKT_LAYER_trajectory/recorder "core;messages;realtime;trajectory;trajectory/mcap")
set(TAKT_LAYER_trajectory/files "core;core/csv;messages;control/motion;trajectory;trajectory/mcap;trajectory/recorder")
set(TAKT_LAYER_teleop "core;messages;realtime;bus;control;control/motion;control/model;control/laws;robots")
set(TAKT_LAYER_controller
    "core;messages;realtime;async;async/tasks;bus;control;control/motion;control/model;control/laws")
set(TAKT_LAYER_teleop/recording
    "core;messages;realtime;bus;control;control/motion;robots;teleop;trajectory;trajectory/mcap;trajectory/recorder")
set(TAKT_LAYER_teleop/replay
    "core;messages;realtime;async;async/tasks;bus;control;control/motion;robots;node;teleop;trajectory")
set(TAKT_LAYER_bridge
    "core;messages;realtime;async;async/tasks;bus;control;control/motion;control/model;control/laws;robots;node;controller;teleop")
set(TAKT_LAYER_registry
    "core;core/csv;messages;realtime;async;async/tasks;bus;control;control/motion;control/model;control/laws;robots;robots/models;robots/playback;robots/synthetic;robots/sim;teleop;transports/dds;transports/udp;transports/zmq")

# Fails the configuration when MODULE may not depend on DEPENDENCY.
function(takt_check_layer module dependency)
  if(NOT DEFINED TAKT_LAYER_${module})
    message(FATAL_ERROR "module '${module}' is not in cmake/layers.cmake")
  endif()
  if(NOT dependency IN_LIST TAKT_LAYER_${module})
    message(FATAL_ERROR "layers: '${module}' may not depend on '${dependency}' (it may: ${TAKT_LAYER_${module}})")
  endif()
endfunction()
