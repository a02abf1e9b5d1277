#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include <dds/dds.h>

#include "peer_main.hpp"
#include "types.h"

// A program on Cyclone DDS with types that its own compiler made: nothing in it is takt's.
namespace {

using Request = std_srvs_srv_dds__SetBool_Request_;
using Response = std_srvs_srv_dds__SetBool_Response_;
using Text = std_msgs_msg_dds__String_;

/// Only this host.
constexpr const char* kConfiguration =
    "<CycloneDDS><Domain Id=\"any\"><General><Interfaces><NetworkInterface address=\"127.0.0.1\"/></Interfaces>"
    "<AllowMulticast>false</AllowMulticast></General><Discovery><ParticipantIndex>auto</ParticipantIndex>"
    "<MaxAutoParticipantIndex>63</MaxAutoParticipantIndex><Peers><Peer address=\"127.0.0.1\"/></Peers></Discovery>"
    "</Domain></CycloneDDS>";

dds_entity_t checked(dds_entity_t made, const char* what) {
  if (made < 0) {
    (void)std::fprintf(stderr, "%s: %s\n", what, dds_strretcode(-made));
    std::exit(1);
  }
  return made;
}

dds_qos_t* reliable() {
  dds_qos_t* const qos = dds_create_qos();
  dds_qset_reliability(qos, DDS_RELIABILITY_RELIABLE, DDS_INFINITY);
  dds_qset_history(qos, DDS_HISTORY_KEEP_LAST, 100);
  return qos;
}

/// Gives each sample that comes to `answer`, until the end of input.
template <class T>
void for_each(dds_entity_t reader, const std::function<void(const T&)>& answer) {
  std::atomic<bool> ending{false};
  std::thread taking([&] {
    while (!ending) {
      void* sample = nullptr;
      dds_sample_info_t info{};
      const dds_return_t count = dds_take(reader, &sample, &info, 1, 1);
      if (count > 0 && info.valid_data) {
        answer(*static_cast<const T*>(sample));
      }
      if (count > 0) {
        (void)dds_return_loan(reader, &sample, count);
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
  });
  peer::say("ready");
  peer::wait_for_end_of_input();
  ending = true;
  taking.join();
}

struct Ends {
  dds_entity_t reader;
  dds_entity_t writer;
};

Ends make_ends(dds_entity_t participant, const dds_topic_descriptor_t& in, const std::string& in_name,
               const dds_topic_descriptor_t& out, const std::string& out_name) {
  const auto topic = [&](const dds_topic_descriptor_t& type, const std::string& name) {
    return checked(dds_create_topic(participant, &type, name.c_str(), nullptr, nullptr), "topic");
  };
  return {.reader = checked(dds_create_reader(participant, topic(in, in_name), reliable(), nullptr), "reader"),
          .writer = checked(dds_create_writer(participant, topic(out, out_name), reliable(), nullptr), "writer")};
}

void echo(dds_entity_t participant, const peer::Task& task) {
  const Ends ends = make_ends(participant, std_msgs_msg_dds__String__desc, "rt" + task.first,
                              std_msgs_msg_dds__String__desc, "rt" + task.second);
  for_each<Text>(ends.reader, [&](const Text& heard) {
    std::string answer = std::string("idl:") + heard.data;
    const Text said{.data = answer.data()};
    (void)dds_write(ends.writer, &said);
  });
}

void serve(dds_entity_t participant, const peer::Task& task) {
  const Ends ends = make_ends(participant, std_srvs_srv_dds__SetBool_Request__desc, "rq" + task.first + "Request",
                              std_srvs_srv_dds__SetBool_Response__desc, "rr" + task.first + "Reply");
  for_each<Request>(ends.reader, [&](const Request& request) {
    std::string message = request.data ? "on" : "off";
    const Response response{
        .client = request.client, .number = request.number, .success = true, .message = message.data()};
    (void)dds_write(ends.writer, &response);
  });
}

/// Asks until it is answered: says "answer: on".
void call(dds_entity_t participant, const peer::Task& task) {
  const Ends ends = make_ends(participant, std_srvs_srv_dds__SetBool_Response__desc, "rr" + task.first + "Reply",
                              std_srvs_srv_dds__SetBool_Request__desc, "rq" + task.first + "Request");
  std::atomic<bool> ending{false};
  std::thread asking([&] {
    Request request{.client = 0x1122334455667788, .number = 0, .data = true};
    while (!ending) {
      ++request.number;
      (void)dds_write(ends.writer, &request);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  for_each<Response>(ends.reader, [&](const Response& response) {
    if (response.client == 0x1122334455667788 && response.success) {
      peer::say(std::string("answer: ") + response.message);
    }
  });
  ending = true;
  asking.join();
}

}  // namespace

int main(int count, char** arguments) {
  const peer::Task task = peer::task_of(count, arguments);
  const dds_entity_t domain = checked(dds_create_domain(task.domain, kConfiguration), "domain");
  const dds_entity_t participant = checked(dds_create_participant(task.domain, nullptr, nullptr), "participant");
  if (task.what == "echo") {
    echo(participant, task);
  } else if (task.what == "serve") {
    serve(participant, task);
  } else {
    call(participant, task);
  }
  (void)dds_delete(domain);  // with what is in it; only then has it said goodbye
}
